//! The engine under the forward convolution and the input gradient.

use super::axis::{Axis, MakeAxis};
use super::cut::Cut;
use super::pixels::{Pixels, Run, Strides};
use crate::conv::ConvShape;
use crate::gemm::Epilogue;
use crate::isa::Isa;
use crate::reduce::Meet;
use crate::routine::{Float, Floats, Operands, Tile, chunk_flops, even_count, share};
use crate::tile::activation::Finish;
use crate::tile::kernel::{Ahead, Fence, Menu, Segments, TileArgs, mode};
use crate::tile::menu::{Panel, Panels, even_tiles};
use crate::tile::nothing::{Nothing, STREAMED};
use crate::tile::pack::{LINE, LINE_FLOATS};
use crate::tile::statistics::Statistics;
use std::ops::Range;

/// Fewest output pixels in a chunk: they share each panel of weights.
const MIN_PIXELS: usize = 96;
/// The same where there are so few panels that they cannot be shared evenly.
const FEWEST_PIXELS: usize = 8;
/// Floats of weights that stay in a core's cache: all their panels take a tile's pixels in turn, which stay in the
/// nearest cache meanwhile and are written whole.
const TOGETHER: usize = 64 * 1024;
/// Bytes of a result from which on its sums are stored past the caches. Of smaller ones what follows finds much in the
/// outermost cache: results of 25 MB took a twentieth more of ResNet-50's step, 32 MB beside them.
const SUMS_STREAMED: usize = 32 << 20;

/// The sizes of a correlation. `source` and `output` are height, width and channels; those of a source of
/// bf16 are pairs, of two neighbouring channels each.
#[derive(Clone, Debug)]
pub struct Geometry {
    pub images: usize,
    pub source: [usize; 3],
    pub output: [usize; 3],
    pub groups: usize,
    pub depthwise: bool,
    /// What an operation takes beside one of a dense convolution.
    weight: f64,
    /// Down, across.
    pub axes: [Axis; 2],
}

impl Geometry {
    /// From `source` to `output`, which are the convolution's input and output or the other way
    /// round, as `along` reads each axis.
    pub fn new(shape: &ConvShape, source: [usize; 3], output: [usize; 3], along: MakeAxis) -> Geometry {
        let ConvShape { stride, dilation, pad, .. } = *shape;
        Geometry {
            images: shape.n,
            source,
            output,
            groups: shape.groups,
            depthwise: shape.is_depthwise(),
            weight: shape.weight(),
            axes: [
                along(shape.h, shape.kh, shape.oh, stride[0], dilation[0], pad[0]),
                along(shape.w, shape.kw, shape.ow, stride[1], dilation[1], pad[1]),
            ],
        }
    }

    /// Groups that the tile sees: a depthwise correlation is one group, lane by lane.
    fn tile_groups(&self) -> usize {
        if self.depthwise { 1 } else { self.groups }
    }

    /// Output channels of such a group.
    pub fn group_lanes(&self) -> usize {
        self.output[2] / self.tile_groups()
    }

    /// Source channels under one tap of one output.
    pub fn depth(&self) -> usize {
        self.source[2] / self.groups
    }

    /// Rows of the weight matrix of one group.
    pub fn weight_rows(&self) -> usize {
        self.axes[0].taps.len() * self.axes[1].taps.len() * self.depth()
    }

    /// Operations of an image as they last, padding left out.
    fn work_per_image(&self) -> f64 {
        let [down, across] =
            self.axes.each_ref().map(|axis| axis.spans.iter().map(|span| span.count).sum::<usize>() as f64);
        2.0 * self.weight * down * across * (self.depth() * self.output[2]) as f64
    }
}

/// Where the weights lie.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Weights {
    /// `[taps, depth, channels]`, as the tensor has them.
    Rows,
    /// `[groups, panels, taps, depth, lanes of a panel]`.
    Panels,
}

/// Where the operands of a chunk lie.
#[derive(Clone, Copy)]
struct Pointers {
    source: *const f32,
    weights: *const f32,
    finish: Finish,
    output: *mut f32,
}

/// `output[n, y, x, o] = Σ source[n, y', x', i] · weights[taps, i, o]` over the taps that the axes
/// name.
pub struct Correlation {
    isa: Isa,
    menu: &'static Menu,
    floats: Floats,
    geometry: Geometry,
    weights: Weights,
    epilogue: Epilogue,
    panels: Panels,
    pixels: Cut,
    pixel_chunks: usize,
    panel_chunks: usize,
    /// Panels that a tile's pixels see one after the other.
    together: usize,
    /// Of the whole result: large ones are stored past the caches.
    result_bytes: usize,
}

impl Correlation {
    pub fn new(
        isa: Isa,
        floats: Floats,
        geometry: Geometry,
        weights: Weights,
        epilogue: Epilogue,
    ) -> Correlation {
        let menu = if floats.inputs == Float::Bf16 { isa.pairs() } else { isa.menu() };
        let [height, width, channels] = geometry.output;
        let row_work = (geometry.work_per_image() / height.max(1) as f64).max(1.0);
        let total = row_work * (height * geometry.images) as f64;
        let of_chunk = chunk_flops(total);
        let rows_of = |pixels: usize| {
            let fewest = pixels.div_ceil(width.max(1)).max(1);
            ((of_chunk / row_work).ceil() as usize).max(fewest)
        };
        let cut = |pixels: usize| Cut::new(&geometry, rows_of(pixels), menu.tallest());
        let mut pixels = cut(MIN_PIXELS);
        let mut panels = choose_panels(menu, &geometry, &pixels);
        let wanted = even_count((total / of_chunk) as usize);
        let all = panels.count() * geometry.tile_groups();
        if pixels.count() == 1 && all < 2 * wanted && !all.is_multiple_of(wanted) {
            // Threads could not share so few panels evenly.
            pixels = cut(FEWEST_PIXELS);
            panels = choose_panels(menu, &geometry, &pixels);
        }

        let panel = geometry.weight_rows() * panels.stride();
        let together = (TOGETHER / panel.max(1)).max(1);

        let all = panels.count() * geometry.tile_groups();
        let panel_chunks = (wanted / pixels.count().max(1)).clamp(1, all.max(1));
        let empty = geometry.images * height * width * channels == 0;
        let pixel_chunks = if empty { 0 } else { pixels.count() };
        let result_bytes = floats.output.bytes(geometry.images * Strides::of(geometry.output).image);
        Correlation {
            isa,
            menu,
            floats,
            geometry,
            weights,
            epilogue,
            panels,
            pixels,
            pixel_chunks,
            panel_chunks,
            together,
            result_bytes,
        }
    }

    /// Says that the weights lie elsewhere than `new` was told.
    pub fn set_weights(&mut self, weights: Weights) {
        self.weights = weights;
    }

    pub fn geometry(&self) -> &Geometry {
        &self.geometry
    }

    pub fn panels(&self) -> &Panels {
        &self.panels
    }

    pub fn tile(&self) -> Tile {
        self.menu.tile(&self.panels)
    }

    pub fn chunks(&self) -> usize {
        self.pixel_chunks * self.panel_chunks
    }

    /// How many output pixels each chunk of them has.
    pub fn pixels(&self) -> Vec<usize> {
        let piece = |chunk| self.pixels.piece(chunk, &self.geometry);
        (0..self.pixel_chunks).map(|chunk| piece(chunk).pixels.output.len()).collect()
    }

    /// Floats of [`Weights::Panels`].
    pub fn packed_len(&self) -> usize {
        self.geometry.weight_rows() * self.panels.stride() * self.all_panels()
    }

    pub fn all_panels(&self) -> usize {
        self.panels.count() * self.geometry.tile_groups()
    }

    /// Where moments meet, the chunk leaves those of its pixels, in the memory for that.
    ///
    /// # Safety
    /// The pointers hold the tensors that the geometry describes, and so do the operands that the epilogue
    /// reads and the output.
    pub unsafe fn run(
        &self,
        chunk: usize,
        [source, weights]: [*const f32; 2],
        at: &Operands,
        moments: Option<(&Meet, *mut f32)>,
    ) {
        // Pixels vary fastest: a panel of weights stays in the cache from chunk to chunk.
        let (panel_chunk, pixel_chunk) = (chunk / self.pixel_chunks, chunk % self.pixel_chunks);
        let piece = self.pixels.piece(pixel_chunk, &self.geometry);
        let source = source.wrapping_add(piece.source);
        let result = self.floats.output;
        let output = at.output.wrapping_byte_add(result.bytes(piece.output));
        let mut finish = self.epilogue.finish(at).at(piece.output);
        if let Some((meet, temp)) = moments {
            finish.statistics = Statistics::new(meet.partial(temp, pixel_chunk), self.geometry.output[2]);
        }
        let at = Pointers { source, weights, finish, output };
        let pixels = piece.pixels;
        let mut rest = share(self.all_panels(), self.panel_chunks, panel_chunk);
        // Tiles find the moments of all results, those of no taps too.
        let tiled = |run: &&Run| run.sees() || finish.statistics.wanted();
        for run in pixels.runs.iter().filter(|run| !tiled(run)) {
            // SAFETY: the caller's promise.
            unsafe { self.finish_nothing(pixels, run, rest.clone(), at) };
        }
        while !rest.is_empty() {
            let vectors = self.panel(rest.start).vectors;
            let alike =
                rest.clone().take(self.together).take_while(|&index| self.panel(index).vectors == vectors);
            let panels = rest.start..rest.start + alike.count();
            rest.start = panels.end;
            for run in pixels.runs.iter().filter(tiled) {
                // SAFETY: the caller's promise; every pixel of a run sees its taps inside the source.
                unsafe { self.run_tiles(pixels, run, panels.clone(), at) };
            }
        }
        if self.streams() {
            // SAFETY: it touches no memory.
            unsafe { self.isa.enter(Fence) };
        }
    }

    /// Whether sums are stored past the caches, where a tile's rows of the output are whole cache lines.
    fn streams(&self) -> bool {
        self.result_bytes > SUMS_STREAMED && self.geometry.output[2].is_multiple_of(LINE_FLOATS)
    }

    /// What follows a sum of nothing, for the pixels of a run that see no tap.
    ///
    /// # Safety
    /// As [`Correlation::run`].
    unsafe fn finish_nothing(&self, pixels: &Pixels, run: &Run, panels: Range<usize>, at: Pointers) {
        let [start, end] = [panels.start, panels.end].map(|index| self.first_lane(index));
        let nothing = Nothing {
            c: at.output.wrapping_byte_add(self.floats.output.bytes(start)),
            rows: &pixels.output[run.start..run.start + run.len],
            width: end - start,
            result: self.floats.output,
            finish: at.finish.at_lane(start),
            streams: self.result_bytes > STREAMED,
        };
        // SAFETY: the caller's promise.
        unsafe { self.isa.enter(nothing) };
    }

    /// The first lane of panel `index`, or where those of all panels end.
    fn first_lane(&self, index: usize) -> usize {
        let (group, panel) = (index / self.panels.count(), index % self.panels.count());
        group * self.geometry.group_lanes() + panel * self.panels.stride()
    }

    /// Panel `index` of all groups'.
    fn panel(&self, index: usize) -> Panel {
        self.panels.get(index % self.panels.count())
    }

    /// What tiles of a run are given, before they are told their pixels and their panel.
    fn tile_args(&self, run: &Run) -> TileArgs {
        let geometry = &self.geometry;
        let [_, width, channels] = geometry.source;
        let [down, across] = &geometry.axes;
        let depth = geometry.depth();
        let b_step = match self.weights {
            Weights::Rows => geometry.output[2],
            Weights::Panels => self.panels.stride(),
        };
        let tap = depth * b_step;
        let tap_row = across.taps.len() * tap;
        let rows = Segments { count: run.rows.1, a: down.step * width * channels, b: tap_row };
        let taps = Segments { count: run.columns.1, a: across.step * channels, b: tap };
        let (k, a_step, inner, outer) = if geometry.depthwise {
            (taps.count, taps.a, rows, Segments::ONE)
        } else if geometry.groups == 1 && across.step == 1 {
            // The taps of a row and their channels are neighbours in memory.
            (taps.count * depth, 1, rows, Segments::ONE)
        } else {
            (depth, 1, taps, rows)
        };
        TileArgs {
            a: std::ptr::null(),
            rows: std::ptr::null(),
            next: std::ptr::null(),
            b: std::ptr::null(),
            c: std::ptr::null_mut(),
            result: self.floats.output,
            c_rows: std::ptr::null(),
            k,
            a_step,
            b_step,
            inner,
            outer,
            tail: 0,
            accumulate: false,
            finish: Finish::NONE,
            ahead: Ahead::PANEL,
            streams: false,
        }
    }

    /// The pixels of a run, tile by tile, and each tile panel by panel.
    ///
    /// # Safety
    /// As [`Correlation::run`].
    unsafe fn run_tiles(&self, pixels: &Pixels, run: &Run, panels: Range<usize>, at: Pointers) {
        let mode = if self.geometry.depthwise { mode::LANEWISE } else { mode::SPLAT };
        let vectors = self.panel(panels.start).vectors;
        let mut args = self.tile_args(run);
        let [rows, columns] = [&run.rows, &run.columns].map(|&(first, _)| first);
        let tap = (rows * self.geometry.axes[1].taps.len() + columns) * self.geometry.depth() * args.b_step;
        even_tiles(run.len, self.menu.max_rows(vectors), |first, rows| {
            args.rows = pixels.source[run.start + first..].as_ptr();
            args.next = pixels.source[run.start + first + rows..].as_ptr();
            args.c_rows = pixels.output[run.start + first..].as_ptr();
            for index in panels.clone() {
                let (group, panel) = (index / self.panels.count(), self.panel(index));
                let lane = self.first_lane(index);
                let channel = if self.geometry.depthwise { lane } else { group * self.geometry.depth() };
                let weights = match self.weights {
                    Weights::Rows => lane,
                    Weights::Panels => index * self.geometry.weight_rows() * self.panels.stride(),
                };
                args.a = at.source.wrapping_add(channel);
                args.b = at.weights.wrapping_add(weights + tap);
                args.c = at.output.wrapping_byte_add(self.floats.output.bytes(lane));
                args.tail = panel.tail;
                args.finish = at.finish.at_lane(lane);
                // Those of the pixels before, in the order of the list, are there: runs come in that order too.
                args.finish.statistics = at.finish.statistics.at(lane, run.start + first);
                let whole = panel.width.is_multiple_of(LINE_FLOATS) && args.c.addr().is_multiple_of(LINE);
                args.streams = whole && self.streams();
                // SAFETY: the caller's promise.
                unsafe { self.menu.run(mode, vectors, rows, &args) };
            }
        });
    }
}

/// The panels of a correlation's lanes, for chunks of such pixels.
fn choose_panels(menu: &Menu, geometry: &Geometry, cut: &Cut) -> Panels {
    let lanes = geometry.group_lanes();
    let pixels = cut.sample();
    let runs: Vec<(usize, usize)> = pixels
        .into_iter()
        .flat_map(|pixels| &pixels.runs)
        .map(|run| (run.len, run.rows.1 * run.columns.1 * geometry.depth()))
        .collect();
    let all_vectors = lanes.div_ceil(menu.lanes);
    let vectors = pixels
        .filter(|pixels| !geometry.depthwise && pixels.are_paged())
        .and_then(|_| menu.paged_vectors(all_vectors))
        .unwrap_or_else(|| menu.choose_vectors(all_vectors, &runs));
    Panels::new(menu.lanes, vectors, lanes)
}

#[cfg(test)]
mod tests;
