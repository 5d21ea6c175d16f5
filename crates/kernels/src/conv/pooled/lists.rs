//! Winners in lists, each with the same room.

/// The gradient of one output, and where what it meets begins.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Winner {
    /// In floats.
    pub at: u32,
    pub g: f32,
}

/// Lists in memory of a chunk's own.
#[derive(Clone, Copy)]
pub struct Lists {
    pub winners: *mut Winner,
    /// How many there are in each list.
    pub counts: *mut u32,
    /// Winners that a list has room for.
    pub apart: usize,
}

impl Lists {
    /// Floats that so many winners take.
    pub const fn floats(count: usize) -> usize {
        count * size_of::<Winner>() / size_of::<f32>()
    }

    /// Makes so many lists empty.
    ///
    /// # Safety
    /// There is memory for as many.
    pub unsafe fn clear(&self, lists: usize) {
        // SAFETY: the caller's promise.
        unsafe { std::ptr::write_bytes(self.counts, 0, lists) };
    }

    /// Puts a winner at the end of a list, unless its gradient is zero; without a branch, which nothing could foresee.
    ///
    /// # Safety
    /// The list was made empty, and this is called at most `apart` times for it.
    #[inline(always)]
    pub unsafe fn push(&self, list: usize, winner: Winner) {
        // SAFETY: the caller's promise; the list is no longer than the calls before.
        unsafe {
            let count = self.counts.add(list);
            *self.winners.add(list * self.apart + *count as usize) = winner;
            *count += u32::from(winner.g != 0.0);
        }
    }

    /// The winners of a list.
    ///
    /// # Safety
    /// The list was made empty, and nobody writes it meanwhile.
    #[inline(always)]
    pub unsafe fn get(&self, list: usize) -> &[Winner] {
        // SAFETY: the caller's promise; so many were written.
        unsafe {
            let count = *self.counts.add(list) as usize;
            std::slice::from_raw_parts(self.winners.add(list * self.apart), count)
        }
    }
}
