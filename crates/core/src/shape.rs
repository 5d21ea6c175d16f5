use crate::{Code, DType, Error, Result};
use std::fmt;
use std::ops::Deref;

/// One side of a tensor: a number, or `None` while a model is being built and it is not known yet.
/// Two unknown sides are equal, and an unknown side is never 1.
pub type Dim = Option<usize>;

/// The largest tensor Fovea makes, in bytes. Checked before anything is allocated.
const MAX_BYTES: u128 = 1 << 40;

/// The sides of a tensor, outermost first (row-major).
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Shape(Vec<Dim>);

impl Shape {
    /// A shape whose sides are all known.
    pub fn of(sizes: &[usize]) -> Shape {
        Shape(sizes.iter().map(|&n| Some(n)).collect())
    }

    pub fn new(dims: Vec<Dim>) -> Shape {
        Shape(dims)
    }

    pub fn rank(&self) -> usize {
        self.0.len()
    }

    pub fn dims(&self) -> &[Dim] {
        &self.0
    }

    /// All sides as numbers, or `None` if one is unknown.
    pub fn known(&self) -> Option<Vec<usize>> {
        self.0.iter().copied().collect()
    }

    /// All sides as numbers. Only for shapes of a graph that is compiled, which are all known.
    pub fn sizes(&self) -> Vec<usize> {
        self.known().expect("a compiled graph has known shapes only")
    }

    /// The number of elements, if every side is known and the product fits.
    pub fn elements(&self) -> Dim {
        self.0.iter().try_fold(1usize, |n, d| n.checked_mul((*d)?))
    }

    /// The shape two operands broadcast to, by NumPy's rule.
    pub fn broadcast(&self, other: &Shape) -> Option<Shape> {
        let rank = self.rank().max(other.rank());
        let side = |s: &Shape, i: usize| (i + s.rank()).checked_sub(rank).map_or(Some(1), |j| s.0[j]);
        (0..rank)
            .map(|i| match (side(self, i), side(other, i)) {
                (a, b) if a == b => Some(a),
                (Some(1), d) | (d, Some(1)) => Some(d),
                _ => None,
            })
            .collect::<Option<Vec<Dim>>>()
            .map(Shape)
    }
}

impl Deref for Shape {
    type Target = [Dim];
    fn deref(&self) -> &[Dim] {
        &self.0
    }
}

impl FromIterator<Dim> for Shape {
    fn from_iter<I: IntoIterator<Item = Dim>>(iter: I) -> Shape {
        Shape(iter.into_iter().collect())
    }
}

/// `[null, 28, 28, 1]`, as TypeScript shows it.
impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (i, d) in self.0.iter().enumerate() {
            let comma = if i == 0 { "" } else { ", " };
            match d {
                Some(n) => write!(f, "{comma}{n}")?,
                None => write!(f, "{comma}null")?,
            }
        }
        f.write_str("]")
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// What is known of a tensor before it is computed.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct TensorType {
    pub dtype: DType,
    pub shape: Shape,
}

impl TensorType {
    pub fn new(dtype: DType, shape: Shape) -> TensorType {
        TensorType { dtype, shape }
    }

    pub fn f32(sizes: &[usize]) -> TensorType {
        TensorType::new(DType::F32, Shape::of(sizes))
    }

    pub fn rank(&self) -> usize {
        self.shape.rank()
    }

    /// All sides as numbers; see [`Shape::sizes`].
    pub fn sizes(&self) -> Vec<usize> {
        self.shape.sizes()
    }

    /// The number of elements. Only for types of a graph that is compiled.
    pub fn elements(&self) -> usize {
        self.shape.elements().expect("a compiled graph has known shapes only")
    }

    pub fn bytes(&self) -> usize {
        self.elements() * self.dtype.size()
    }

    /// Refuses a known shape too large to hold, before anything is allocated for it.
    pub fn check_size(&self) -> Result<()> {
        let bytes = self
            .shape
            .iter()
            .try_fold(self.dtype.size() as u128, |n, d| d.map_or(Some(n), |d| n.checked_mul(d as u128)));
        match bytes {
            Some(n) if n <= MAX_BYTES => Ok(()),
            _ => Err(Error::new(
                Code::OutOfMemory,
                format!("a tensor of shape {} and dtype {} does not fit into memory", self.shape, self.dtype),
            )),
        }
    }
}

/// `float32 [64, 10]`.
impl fmt::Display for TensorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.dtype, self.shape)
    }
}
