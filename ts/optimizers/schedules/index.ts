import { provide } from '../../registry.ts';
import * as all from './all.ts';

export { serialize } from '../../registry.ts';
export * from './all.ts';
export { LearningRateSchedule, type ScheduleOptions } from './schedule.ts';

provide('keras.optimizers.schedules', () => all);
