//! Writes the rows of a block where and how the caller wants them.

use core::ops::Range;

use ebit_bits::{transpose64, unpack_rows, vectorize};

use super::block::{Row, SHOTS, WORDS};

/// How a table of bits lies in memory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Layout {
    /// Eight bits a byte, the first one least significant; the last byte of a line is filled up with zeros.
    pub packed: bool,
    /// A line is a shot; else a line is a column, over all shots.
    pub by_shot: bool,
}

impl Layout {
    /// Bytes of a line of this many bits.
    pub fn line(self, bits: usize) -> usize {
        if self.packed { bits.div_ceil(8) } else { bits }
    }

    /// Bytes of a table.
    pub fn bytes(self, shots: usize, columns: usize) -> usize {
        let (lines, bits) = if self.by_shot { (shots, columns) } else { (columns, shots) };
        lines.saturating_mul(self.line(bits))
    }
}

/// A table to fill: these columns of the result, in this layout.
#[derive(Debug)]
pub struct Output<'a> {
    pub columns: Range<usize>,
    pub layout: Layout,
    /// [`Layout::bytes`] of them.
    pub data: &'a mut [u8],
}

/// The part of a table that belongs to one block.
pub enum Part<'a> {
    /// Whole shots, one after another.
    Shots(&'a mut [u8]),
    /// A stretch of each column.
    Columns(Vec<&'a mut [u8]>),
}

/// The parts of a table, block by block.
pub fn split<'a>(output: Output<'a>, shots: usize) -> Vec<Part<'a>> {
    let blocks = shots.div_ceil(SHOTS);
    let columns = output.columns.len();
    if columns == 0 || shots == 0 {
        return (0..blocks).map(|_| Part::Columns(Vec::new())).collect();
    }
    if output.layout.by_shot {
        return output.data.chunks_mut(SHOTS * output.layout.line(columns)).map(Part::Shots).collect();
    }
    let mut parts: Vec<Vec<&'a mut [u8]>> = (0..blocks).map(|_| Vec::with_capacity(columns)).collect();
    for line in output.data.chunks_mut(output.layout.line(shots)) {
        for (part, stretch) in parts.iter_mut().zip(line.chunks_mut(output.layout.line(SHOTS))) {
            part.push(stretch);
        }
    }
    parts.into_iter().map(Part::Columns).collect()
}

/// Writes the first `shots` shots of a block; `reference[k]`, if given, is what row k is a flip of.
pub fn write(part: &mut Part<'_>, packed: bool, shots: usize, rows: &[Row], reference: Option<&[bool]>) {
    match part {
        Part::Shots(data) => vectorize(
            #[inline(always)]
            || write_shots(data, packed, shots, rows, reference),
        ),
        Part::Columns(lines) => write_columns(lines, packed, shots, rows, reference),
    }
}

#[inline(always)]
fn write_shots(data: &mut [u8], packed: bool, shots: usize, rows: &[Row], reference: Option<&[bool]>) {
    let line = if packed { rows.len().div_ceil(8) } else { rows.len() };
    for word in 0..shots.div_ceil(64) {
        let here = (shots - 64 * word).min(64);
        let data = &mut data[64 * word * line..];
        for (tile, rows) in rows.chunks(64).enumerate() {
            let mut block = [0u64; 64];
            for (bits, row) in block.iter_mut().zip(rows) {
                *bits = row.0[word % WORDS];
            }
            transpose64(&mut block);
            if let Some(reference) = reference {
                let expected = pack(&reference[64 * tile..][..rows.len()]);
                block.iter_mut().for_each(|bits| *bits ^= expected);
            }
            if packed {
                let bytes = rows.len().div_ceil(8);
                for (bits, line) in block[..here].iter().zip(data.chunks_mut(line)) {
                    let line = &mut line[8 * tile..][..bytes];
                    match line.first_chunk_mut::<8>() {
                        Some(line) => *line = bits.to_le_bytes(),
                        None => line.copy_from_slice(&bits.to_le_bytes()[..bytes]),
                    }
                }
            } else {
                unpack_rows(&block[..here], &mut data[64 * tile..], line, rows.len());
            }
        }
    }
}

fn pack(bits: &[bool]) -> u64 {
    bits.iter().enumerate().map(|(k, bit)| u64::from(*bit) << k).sum()
}

fn write_columns(lines: &mut [&mut [u8]], packed: bool, shots: usize, rows: &[Row], reference: Option<&[bool]>) {
    for (k, (line, row)) in lines.iter_mut().zip(rows).enumerate() {
        let expected = if reference.is_some_and(|bits| bits[k]) { !0 } else { 0 };
        let words = row.0.map(|word| word ^ expected);
        for (word, bits) in words[..shots.div_ceil(64)].iter().enumerate() {
            let here = (shots - 64 * word).min(64);
            if packed {
                let kept = bits & (!0 >> (64 - here));
                let bytes = here.div_ceil(8);
                line[8 * word..][..bytes].copy_from_slice(&kept.to_le_bytes()[..bytes]);
            } else {
                unpack_rows(&[*bits], &mut line[64 * word..], here, here);
            }
        }
    }
}
