//! The process's allocator: free lists by size over the system's allocator.
//!
//! A ride through the SDK takes some 490 blocks and gives them all back. musl's allocator needs 360
//! instructions for each and returns the memory to the kernel every time, with nine system calls a
//! ride. Here a block goes back on a list and the next ride takes it from there: a fifth of a
//! ride's instructions less, and no system call. (README, "What was tried", compares others.)
//!
//! What it keeps is what the busiest ride needed, which a process that answers one event at a time
//! needs again. Blocks above 64 KiB, such as a huge event, go straight through.

#![expect(unsafe_code, reason = "an allocator hands out raw memory")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::ptr::null_mut;
use std::sync::{Mutex, PoisonError};

/// Blocks up to `FINE_MAX` come in steps of this many bytes; it is also the greatest alignment.
const STEP: usize = 16;
const FINE_MAX: usize = 1024;
const FINE_LISTS: usize = FINE_MAX / STEP;
/// Above, sizes double: 2, 4, 8, 16, 32 and 64 KiB.
const COARSE_LISTS: usize = 6;
const LARGEST: usize = FINE_MAX << COARSE_LISTS;

/// New blocks are cut from chunks of this size. The kernel gives memory for what is touched, so a
/// big one costs no more than a small one.
const CHUNK: usize = 4 * LARGEST;

/// One lock for all threads: there are two, one of which resolves a name now and then.
pub struct Pools(Mutex<Lists>);

struct Lists {
    /// The free blocks of each size; a free block's first word points to the next.
    free: [*mut Free; FINE_LISTS + COARSE_LISTS],
    /// What is left of the newest chunk.
    fresh: *mut u8,
    left: usize,
}

struct Free {
    next: *mut Free,
}

// SAFETY: the pointers lead to memory that belongs to the lists alone and to no thread.
unsafe impl Send for Lists {}

impl Default for Pools {
    fn default() -> Self {
        Pools::new()
    }
}

impl Pools {
    pub const fn new() -> Pools {
        Pools(Mutex::new(Lists {
            free: [null_mut(); FINE_LISTS + COARSE_LISTS],
            fresh: null_mut(),
            left: 0,
        }))
    }
}

/// Which list serves `layout`, and its blocks' size; none for what goes straight through.
#[inline]
fn list_of(layout: Layout) -> Option<(usize, usize)> {
    let size = layout.size();
    if layout.align() > STEP || size > LARGEST || size == 0 {
        None
    } else if size <= FINE_MAX {
        let list = (size - 1) / STEP;
        Some((list, (list + 1) * STEP))
    } else {
        // 1025..=2048 is the first of the coarse lists.
        let doublings = ((size - 1) / FINE_MAX).ilog2() as usize;
        Some((FINE_LISTS + doublings, FINE_MAX << (doublings + 1)))
    }
}

impl Lists {
    #[inline]
    fn take(&mut self, list: usize, size: usize) -> *mut u8 {
        let block = self.free[list];
        if block.is_null() {
            return self.cut(size);
        }
        // SAFETY: a block on the list is free memory whose first word `give` has written.
        self.free[list] = unsafe { (*block).next };
        block.cast()
    }

    #[inline]
    fn give(&mut self, list: usize, block: *mut u8) {
        let block: *mut Free = block.cast();
        // SAFETY: the caller gives up the block, which has 16 aligned bytes at least.
        unsafe { (*block).next = self.free[list] };
        self.free[list] = block;
    }

    /// A new block; null when the system has no more memory.
    #[cold]
    fn cut(&mut self, size: usize) -> *mut u8 {
        if size > self.left {
            let Ok(layout) = Layout::from_size_align(CHUNK, STEP) else {
                return null_mut();
            };
            // SAFETY: the layout's size is not zero. The rest of the old chunk is left alone: it
            // was never touched, so it is no memory yet.
            let chunk = unsafe { System.alloc(layout) };
            if chunk.is_null() {
                return null_mut();
            }
            (self.fresh, self.left) = (chunk, CHUNK);
        }
        let block = self.fresh;
        // SAFETY: `left` bytes follow `fresh` within its chunk, and `size` is not more than that.
        self.fresh = unsafe { block.add(size) };
        self.left -= size;
        block
    }
}

// SAFETY: a block is on a list or handed out, never both; which list serves a layout follows from
// the layout alone, so a block goes back to where it came from; blocks are multiples of 16 bytes
// cut from chunks aligned to 16, and wider alignments go to the system.
unsafe impl GlobalAlloc for Pools {
    #[inline]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match list_of(layout) {
            Some((list, size)) => self.lists().take(list, size),
            // SAFETY: the caller's promises are passed on.
            None => unsafe { System.alloc(layout) },
        }
    }

    #[inline]
    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        match list_of(layout) {
            Some((list, _)) => self.lists().give(list, block),
            // SAFETY: as above; the same layout took this way when the block was made.
            None => unsafe { System.dealloc(block, layout) },
        }
    }

    #[inline]
    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        // SAFETY: the caller promises that `new_size` is valid with this alignment.
        let new_layout = unsafe { Layout::from_size_align_unchecked(new_size, layout.align()) };
        match (list_of(layout), list_of(new_layout)) {
            (Some(old), Some(new)) if old == new => block,
            // SAFETY: both are the system's.
            (None, None) => unsafe { System.realloc(block, layout, new_size) },
            // SAFETY: the copy stays within both blocks.
            _ => unsafe {
                let new_block = self.alloc(new_layout);
                if !new_block.is_null() {
                    let kept = layout.size().min(new_size);
                    std::ptr::copy_nonoverlapping(block, new_block, kept);
                    self.dealloc(block, layout);
                }
                new_block
            },
        }
    }
}

impl Pools {
    #[inline]
    fn lists(&self) -> std::sync::MutexGuard<'_, Lists> {
        // Nothing panics while the lock is held.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{FINE_MAX, LARGEST, Pools, STEP, list_of};
    use std::alloc::{GlobalAlloc as _, Layout};

    fn layout(size: usize, align: usize) -> Layout {
        Layout::from_size_align(size, align).expect("a layout")
    }

    #[test]
    fn every_size_has_a_block_that_fits() {
        for size in 1..=LARGEST {
            let (list, block) = list_of(layout(size, STEP)).expect("a list");
            assert!(
                block >= size && block.is_multiple_of(STEP),
                "{size}: {block}"
            );
            assert!(
                block < size + STEP || block < 2 * size && size > FINE_MAX,
                "{size}: {block}"
            );
            assert_eq!(list_of(layout(block, 1)), Some((list, block)), "{size}");
        }
        assert_eq!(list_of(layout(LARGEST + 1, 1)), None);
        assert_eq!(list_of(layout(8, 2 * STEP)), None);
    }

    #[test]
    fn a_block_given_back_is_the_next_one_taken() {
        let pools = Pools::new();
        // SAFETY: each block is given back once, with the layout it was taken by.
        unsafe {
            let first = pools.alloc(layout(100, 8));
            let other = pools.alloc(layout(100, 8));
            assert_ne!(first, other);
            pools.dealloc(first, layout(100, 8));
            assert_eq!(pools.alloc(layout(112, 1)), first);
            pools.dealloc(first, layout(112, 1));
            pools.dealloc(other, layout(100, 8));
        }
    }

    /// Random takes, gives and resizes, each block filled with its own pattern that must survive.
    fn churn(pools: &Pools, seed: u64, steps: u64) {
        let mut state = seed;
        let mut random = |below: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as usize % below
        };
        let fill = |block: *mut u8, size: usize, mark: u8| {
            // SAFETY: the block has `size` bytes.
            unsafe { block.write_bytes(mark, size) };
        };
        let check = |block: *mut u8, size: usize, mark: u8| {
            // SAFETY: the block has `size` bytes, all written.
            let bytes = unsafe { std::slice::from_raw_parts(block, size) };
            assert!(
                bytes.iter().all(|byte| *byte == mark),
                "{size} bytes were overwritten"
            );
        };
        let mut held: Vec<(*mut u8, Layout, u8)> = Vec::new();
        for step in 0..steps {
            let mark = step as u8;
            let size = 1 + match random(8) {
                0 => random(3 * LARGEST),
                1..=2 => random(4 * FINE_MAX),
                _ => random(300),
            };
            match (random(3), held.is_empty()) {
                (0, _) | (_, true) => {
                    let taken = layout(size, 1 << random(7));
                    // SAFETY: the size is not zero.
                    let block = unsafe { pools.alloc(taken) };
                    assert!(!block.is_null() && block.addr().is_multiple_of(taken.align()));
                    fill(block, size, mark);
                    held.push((block, taken, mark));
                }
                (1, false) => {
                    let (block, old, mark) = held.swap_remove(random(held.len()));
                    // SAFETY: the block was taken by this layout.
                    let block = unsafe { pools.realloc(block, old, size) };
                    check(block, size.min(old.size()), mark);
                    fill(block, size, mark);
                    held.push((block, layout(size, old.align()), mark));
                }
                _ => {
                    let (block, old, mark) = held.swap_remove(random(held.len()));
                    check(block, old.size(), mark);
                    // SAFETY: the block was taken by this layout and is forgotten here.
                    unsafe { pools.dealloc(block, old) };
                }
            }
        }
        for (block, old, mark) in held {
            check(block, old.size(), mark);
            // SAFETY: as above.
            unsafe { pools.dealloc(block, old) };
        }
    }

    #[test]
    fn no_block_is_handed_out_twice() {
        let steps = if cfg!(miri) { 500 } else { 20_000 };
        churn(&Pools::new(), 1, steps);
    }

    #[test]
    fn threads_may_share_it() {
        let pools = Pools::new();
        let steps = if cfg!(miri) { 100 } else { 5_000 };
        std::thread::scope(|scope| {
            for seed in 2..6 {
                let pools = &pools;
                scope.spawn(move || churn(pools, seed, steps));
            }
        });
    }
}
