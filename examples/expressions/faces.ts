import { arange, linspace, ops, random, type Tensor, tensor } from 'fovea';
import type { Expressions } from './fer2013.ts';
import { classes, side } from './networks.ts';

/** How far the corners of the mouth are up, how far it and the eyes are open, how the brows slant, and how high they are. */
type Look = readonly [smile: number, mouth: number, eyes: number, slant: number, lift: number];

/** In the order of the classes: angry, disgusted, afraid, happy, sad, surprised, neutral. */
const looks: readonly Look[] = [
  [-0.1, 0.05, 0.08, 0.5, -0.06],
  [-0.2, 0.05, 0.05, 0.2, 0],
  [-0.1, 0.12, 0.14, -0.5, 0.1],
  [0.3, 0.08, 0.08, 0, 0],
  [-0.3, 0.05, 0.06, -0.6, 0],
  [0, 0.22, 0.15, 0, 0.15],
  [0, 0.05, 0.09, 0, 0],
];

/** 1 where a distance is 0, and soon nothing. */
const bump = (distance: Tensor) => distance.square().neg().exp();

/**
 * Simple drawn faces: no two alike, and noise over all. A stand-in for photographs, of which a network learns in
 * minutes what to look for.
 */
export function drawFaces(count: number): Expressions {
  const about = (mean: number, stddev: number) => random.normal([count, 1, 1], { mean, stddev });
  const y = arange(count).mod(classes);
  const look = random.normal([count, looks[0]!.length], { stddev: 0.02 }).add(tensor(looks).gather(y));
  const [smile, mouth, eyes, slant, lift] = ops.split(look.expandDims(-1), looks[0]!.length, 1) as Tensor[];

  // From −1 to 1 over the image; each face has a place and a size of its own.
  const line = linspace(-1, 1, side);
  const size = about(1, 0.07);
  const across = line.reshape([1, 1, side]).sub(about(0, 0.06)).div(size).abs();
  const down = line.reshape([1, side, 1]).sub(about(0, 0.06)).div(size);

  const head = across.div(0.75).square().add(down.div(0.95).square()).sub(1).mul(-10).sigmoid();
  const eye = bump(across.sub(0.32).div(0.11)).mul(bump(down.add(0.2).div(eyes!)));
  const slope = across.sub(0.32).mul(slant!);
  const brow = bump(across.sub(0.32).div(0.2)).mul(bump(down.add(0.45).add(lift!).add(slope).div(0.06)));
  const bend = across.div(0.35).square().sub(0.5).mul(smile!);
  const lips = bump(across.div(0.33)).mul(bump(down.sub(0.48).add(bend).div(mouth!.abs())));

  const dark = ops.maximum(ops.maximum(eye, brow), lips);
  const light = head.mul(about(0.7, 0.08)).mul(dark.mul(-0.75).add(1)).add(0.1);
  const noise = random.normal([count, side, side], { stddev: 0.06 });
  const x = light.add(noise).clip(0, 1).mul(255).cast('uint8').expandDims(-1);
  return { x, y: y.cast('uint8') };
}
