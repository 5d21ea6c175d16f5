use fovea_core::{Error, Result, Shape, TensorType};
use fovea_engine::{Batch, Buffer, CompiledPlan, Next, Operand, Source};
use fovea_kernels::random::permutation;
use std::ops::Range;
use std::sync::Arc;

/// A plan for batches of one size, and the operands of the leaves that are not fed.
pub struct Feed {
    pub plan: Arc<CompiledPlan>,
    pub operands: Vec<Operand>,
}

/// Rows of tensors that share their first axis, a batch at a time, in order or shuffled.
pub struct TensorSource {
    data: Vec<Buffer>,
    /// Which row comes when; `None` is in order.
    order: Option<Vec<u32>>,
    rows: Range<usize>,
    batch: usize,
    /// The only batch is the data as they are, which need not be copied.
    whole: bool,
    full: Fed,
    /// For the last batch, if it is smaller.
    tail: Option<Fed>,
}

/// A feed with its fed operands in front, rewritten for each batch.
struct Fed {
    plan: Arc<CompiledPlan>,
    operands: Vec<Operand>,
}

impl TensorSource {
    /// Rows `rows` of each of `data`, `batch` at a time, shuffled by a key if there is one. The
    /// last batch, if smaller, goes to `tail`.
    pub fn new(
        data: Vec<Buffer>,
        rows: Range<usize>,
        batch: usize,
        shuffle: Option<[u32; 2]>,
        full: Feed,
        tail: Option<Feed>,
    ) -> Result<TensorSource> {
        for (i, b) in data.iter().enumerate() {
            let have = b.ty.shape.first().copied().flatten().unwrap_or(0);
            if rows.start > rows.end || rows.end > have {
                return Err(Error::argument(format!(
                    "rows {} to {} of data {i} were asked for, which has {have}",
                    rows.start, rows.end
                )));
            }
        }
        if batch == 0 {
            return Err(Error::argument("the batch size must be at least 1, received 0"));
        }
        let rest = rows.len() % batch;
        let count = u32::try_from(rows.len())
            .map_err(|_| Error::argument(format!("{} rows are more than an epoch can count", rows.len())))?;
        let order = shuffle.map(|key| permutation(count, key));
        let all = |b: &Buffer| b.ty.shape.first() == Some(&Some(rows.len()));
        let whole = order.is_none() && !rows.is_empty() && rows.len() <= batch && data.iter().all(all);
        let full =
            if whole { Fed::whole(full, &data) } else { Fed::staged(full, &data, batch.min(rows.len()))? };
        let tail = match tail {
            Some(feed) if rest > 0 && rows.len() > batch => Some(Fed::staged(feed, &data, rest)?),
            None if rest > 0 && rows.len() > batch => {
                return Err(Error::argument(format!("the last batch has {rest} rows and no plan")));
            }
            _ => None,
        };
        Ok(TensorSource { data, order, rows: 0..rows.len(), batch, whole, full, tail }
            .starting_at(rows.start))
    }

    /// Rows are counted from 0 within the range; `order` holds the data's own numbers.
    fn starting_at(mut self, first: usize) -> TensorSource {
        let count = self.rows.len() as u32;
        let order =
            self.order.take().unwrap_or_else(|| if first == 0 { vec![] } else { (0..count).collect() });
        self.order = (!order.is_empty()).then(|| order.into_iter().map(|i| i + first as u32).collect());
        self
    }
}

impl Fed {
    /// Fed with the data themselves.
    fn whole(feed: Feed, data: &[Buffer]) -> Fed {
        let operands = data.iter().cloned().map(Operand::Buffer).chain(feed.operands).collect();
        Fed { plan: feed.plan, operands }
    }

    /// Fed with copies of so many rows.
    fn staged(feed: Feed, data: &[Buffer], rows: usize) -> Result<Fed> {
        let staging = |b: &Buffer| {
            let mut sizes = b.ty.sizes();
            sizes[0] = rows;
            Buffer::zeros(TensorType::new(b.ty.dtype, Shape::of(&sizes))).map(Operand::Buffer)
        };
        let mut operands = data.iter().map(staging).collect::<Result<Vec<_>>>()?;
        operands.extend(feed.operands);
        Ok(Fed { plan: feed.plan, operands })
    }
}

impl Source for TensorSource {
    fn next(&mut self) -> Result<Next<'_>> {
        let rows = self.rows.start..(self.rows.start + self.batch).min(self.rows.end);
        if rows.is_empty() {
            return Ok(Next::End);
        }
        self.rows.start = rows.end;
        let fed = match &mut self.tail {
            Some(tail) if rows.len() < self.batch => tail,
            _ => &mut self.full,
        };
        let copied = if self.whole { &[] } else { &self.data[..] };
        for (from, to) in copied.iter().zip(&mut fed.operands) {
            let Operand::Buffer(to) = to else { return Err(Error::internal("a fed operand is no buffer")) };
            let total = from.ty.shape.first().copied().flatten().unwrap_or(1).max(1);
            let row = from.ty.bytes() / total;
            let to = to.bytes_mut().ok_or_else(|| Error::internal("a batch is still being read"))?;
            gather(from.bytes()?, to, row, rows.clone(), self.order.as_deref());
        }
        Ok(Next::Batch(Batch { plan: &fed.plan, operands: &fed.operands }))
    }
}

/// Copies rows of `row` bytes.
fn gather(from: &[u8], to: &mut [u8], row: usize, rows: Range<usize>, order: Option<&[u32]>) {
    match order {
        None => to.copy_from_slice(&from[rows.start * row..rows.end * row]),
        Some(_) if row == 0 => {}
        Some(order) => {
            for (to, &i) in to.chunks_exact_mut(row).zip(&order[rows]) {
                to.copy_from_slice(&from[i as usize * row..(i as usize + 1) * row]);
            }
        }
    }
}
