export { dtypePolicy, setDtypePolicy } from '../dtype-policy.ts';
