export type { ApplicationOptions } from './application.ts';
export { InceptionV3, type InceptionV3Options } from './inception-v3.ts';
export { MobileNetV2, type MobileNetV2Options } from './mobilenet-v2.ts';
export { ResNet50, type ResNet50Options } from './resnet50.ts';
export { VGG16, type VGG16Options } from './vgg16.ts';
