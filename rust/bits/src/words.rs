//! A buffer of zeroed words that starts on a cache line.
//!
//! Large buffers come from the system as untouched zero pages, so that memory is used as it is written.

use std::alloc::{Layout, alloc_zeroed};

/// Words of a cache line.
const LINE: usize = 8;

/// The bytes that were asked for and not given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OutOfMemory {
    pub bytes: u128,
}

/// Zeroed words on a 64-byte boundary.
#[derive(Debug)]
pub struct Words {
    buffer: Vec<u64>,
    start: usize,
    length: usize,
}

impl Words {
    pub fn zeroed(length: usize) -> Result<Self, OutOfMemory> {
        let refused = OutOfMemory { bytes: length as u128 * 8 };
        let buffer = length.checked_add(LINE).and_then(zeroed).ok_or(refused)?;
        let start = buffer.as_ptr().align_offset(8 * LINE).min(LINE);
        Ok(Self { buffer, start, length })
    }

    #[inline]
    pub fn as_slice(&self) -> &[u64] {
        &self.buffer[self.start..self.start + self.length]
    }

    #[inline]
    pub fn as_mut_slice(&mut self) -> &mut [u64] {
        &mut self.buffer[self.start..self.start + self.length]
    }
}

/// A zeroed vector, or None where the system refuses.
fn zeroed(length: usize) -> Option<Vec<u64>> {
    let layout = Layout::array::<u64>(length).ok().filter(|layout| layout.size() > 0)?;
    // SAFETY: the layout is not empty; a block of the global allocator with the layout of `length` words, all of them
    // initialized to zero, is what a vector of that length and capacity owns.
    unsafe {
        let block = alloc_zeroed(layout).cast::<u64>();
        (!block.is_null()).then(|| Vec::from_raw_parts(block, length, length))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_start_on_a_line_and_are_zero() {
        for length in [0, 1, 7, 8, 100, 10_000] {
            let mut words = Words::zeroed(length).unwrap();
            assert_eq!(words.as_slice().len(), length);
            assert_eq!(words.as_slice().as_ptr().align_offset(64), 0);
            assert!(words.as_slice().iter().all(|&w| w == 0));
            words.as_mut_slice().fill(1);
        }
    }

    #[test]
    fn too_much_is_refused() {
        assert_eq!(Words::zeroed(1 << 57).unwrap_err(), OutOfMemory { bytes: 1 << 60 });
        assert!(Words::zeroed(usize::MAX).is_err());
    }
}
