/** `MaxPooling2D` → `max_pooling2d`, `ReLU` → `re_lu`: Keras's rule, odd results included. */
export function snakeCase(name: string): string {
  return name
    .replace(/\W+/g, '')
    .replace(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replace(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase();
}

/** `MeanSquaredError` → `meanSquaredError`. */
export const lowerFirst = (name: string): string => name.charAt(0).toLowerCase() + name.slice(1);

/** `accuracy` → `Accuracy`: what a log's name becomes behind an output's. */
export const upperFirst = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

const used = new Map<string, number>();

/** An automatic name: the class in snake case, numbered from the second on (`conv2d`, `conv2d_1`, …). */
export function automaticName(className: string): string {
  const name = snakeCase(className);
  const count = used.get(name) ?? 0;
  used.set(name, count + 1);
  return count === 0 ? name : `${name}_${count}`;
}

/** Starts automatic names anew, as Keras's `clear_session` does. */
export function clearNames(): void {
  used.clear();
}
