//! Large pages for large buffers.
//!
//! A register of 20 qubits has more small pages than a processor keeps translations for; on a virtual machine each of
//! them costs two walks. Refuses to know what the memory holds.

use std::mem::MaybeUninit;

/// Where a buffer is so small that its translations fit.
const FROM: usize = 4 << 20;

/// Asks for large pages for memory that was not touched yet; a system that has none, or refuses, changes nothing.
pub fn prefer_large_pages<T>(memory: &mut [MaybeUninit<T>]) {
    if size_of_val(memory) >= FROM {
        advise(memory);
    }
}

#[cfg(target_os = "linux")]
fn advise<T>(memory: &mut [MaybeUninit<T>]) {
    const PAGE: usize = 4096;
    let start = memory.as_mut_ptr().cast::<u8>();
    let skip = start.align_offset(PAGE);
    let length = size_of_val(memory).saturating_sub(skip) / PAGE * PAGE;
    if length > 0 {
        // SAFETY: the range lies within `memory`, which is borrowed alone; this advice changes neither contents nor
        // protection of pages, and where it fails nothing has happened.
        unsafe { libc::madvise(start.add(skip).cast(), length, libc::MADV_HUGEPAGE) };
    }
}

#[cfg(not(target_os = "linux"))]
fn advise<T>(_: &mut [MaybeUninit<T>]) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advice_changes_no_byte() {
        for length in [0, 1, 1 << 10, (5 << 20) + 3] {
            let mut data: Vec<u8> = Vec::with_capacity(length);
            prefer_large_pages(data.spare_capacity_mut());
            data.resize(length, 7);
            prefer_large_pages(&mut data.spare_capacity_mut()[..0]);
            assert!(data.iter().all(|&x| x == 7));
        }
    }
}
