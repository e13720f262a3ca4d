//! What goes over the public channel in Cascade: ranges of a pass one way, their parities the other.

/// Cells `start .. end` of a pass.
pub type Range = (u32, u32);

/// The way to Alice. Bob has no other; a wrapper sees all that becomes public.
pub trait Channel {
    /// Begins pass `pass`: the parities of all its blocks, 0 or 1 each.
    fn begin(&mut self, pass: usize, answers: &mut Vec<u8>);

    /// The parities of ranges of a pass that has begun.
    fn ask(&mut self, pass: usize, ranges: &[Range], answers: &mut Vec<u8>);
}
