//! Encoded pairs drawn one by one: waiting times, then the errors of every qubit as bits of a Pauli frame.
//!
//! A block is two words, its X and its Z errors. Each error has its source and its place in the circuit; stations read the
//! parity of the errors on both their blocks and decode. What is left at the end is decoded as if it were measured without
//! further errors, so a pair's correlations are signs and its fidelity 0 or 1.

use ebit_hardware::Encoded;
use ebit_quantum::Correlations;
use ebit_quantum::block::{Blocks, Frame, Law};
use ebit_random::{Stream, math};

use super::exact::duration;
use crate::numbers::Numbers;
use crate::sample::Sampler;
use crate::segment::Waits;

/// One chain and what all its pairs share.
pub struct Frames<'a> {
    numbers: &'a Numbers,
    encoded: &'a Encoded,
    waits: &'a Waits,
    /// Errors of a link's circuit.
    link: Law<16>,
    /// Errors of each station's measurement of a pair of qubits.
    stations: Vec<Law<4>>,
    /// When each pair of the link at hand was there.
    there: Vec<u64>,
}

impl<'a> Frames<'a> {
    pub fn new(numbers: &'a Numbers, encoded: &'a Encoded, waits: &'a Waits) -> Self {
        Self {
            numbers,
            encoded,
            waits,
            link: Law::new(encoded.noise.link_errors()),
            stations: numbers.swaps.iter().map(|s| Law::new(encoded.noise.station_errors(s.visibility))).collect(),
            there: vec![0; encoded.size as usize],
        }
    }

    /// Errors of a pair of these correlations after `steps` in `memories` memories.
    fn law(&self, [x, y, z]: [f64; 3], steps: u64, memories: f64) -> Law<4> {
        let [_, rx, ry, rz] = self.numbers.rates[0];
        let kept = |rate: f64| {
            if rate == 0.0 { 1.0 } else { math::exp(-rate * memories * self.numbers.step_s * steps as f64) }
        };
        Law::of(Correlations { x: x * kept(rx), y: y * kept(ry), z: z * kept(rz) })
    }

    /// A block waits.
    fn store(&self, block: &mut Frame, steps: u64, stream: &mut Stream) {
        if steps == 0 || self.numbers.rates[0].iter().all(|r| *r == 0.0) {
            return;
        }
        let law = self.law([1.0; 3], steps, 1.0);
        (0..self.encoded.size).for_each(|qubit| block.strike(qubit, law.pick(stream.next_f64())));
    }

    /// The two blocks of a link when all its pairs are there, and when that is.
    fn link(&mut self, link: usize, stream: &mut Stream) -> (u64, Frame, Frame) {
        let mut there = std::mem::take(&mut self.there);
        there.iter_mut().for_each(|t| *t = self.waits.draw(link, stream));
        let done = there.iter().copied().max().unwrap_or(0);
        let [_, x, y, z] = self.numbers.links[link].pair;
        let mut blocks = Blocks::default();
        for (qubit, t) in (0..).zip(&there) {
            // Both halves of the pair have waited.
            let pair = self.law([x, y, z], done - t, 2.0).pick(stream.next_f64());
            blocks.strike(qubit, pair, self.link.pick(stream.next_f64()));
        }
        self.there = there;
        (done, blocks.left, blocks.right)
    }
}

impl Sampler for Frames<'_> {
    fn pair(&mut self, stream: &mut Stream) -> Option<(u64, Correlations)> {
        let links = self.numbers.segments();
        let (first, mut start, mut block) = self.link(0, stream);
        let (mut done, mut latest) = (first, first);
        // Whether the X and the Z outcomes of the ends, corrected by the frame, will be wrong.
        let (mut wrong_x, mut wrong_z) = (false, false);
        for link in 1..links {
            let (now, mut left, right) = self.link(link, stream);
            // The earlier of the station's two blocks waits for the other.
            if now > done {
                self.store(&mut block, now - done, stream);
            } else {
                self.store(&mut left, done - now, stream);
            }
            let mut read = block.joined(left);
            for qubit in 0..self.encoded.size {
                read.strike(qubit, self.stations[link - 1].pick(stream.next_f64()));
            }
            wrong_z ^= self.encoded.x_errors.wrong(read.x);
            wrong_x ^= self.encoded.z_errors.wrong(read.z);
            (block, done) = (right, now);
            latest = latest.max(now);
        }
        let duration = duration(self.numbers);
        if !self.numbers.ends_measured {
            self.store(&mut start, latest - first + duration, stream);
            self.store(&mut block, latest - done + duration, stream);
        }
        for end in [start, block] {
            wrong_z ^= self.encoded.x_errors.wrong(end.x);
            wrong_x ^= self.encoded.z_errors.wrong(end.z);
        }
        let sign = |wrong: bool| if wrong { -1.0 } else { 1.0 };
        let state = Correlations { x: sign(wrong_x), y: sign(wrong_x != wrong_z), z: sign(wrong_z) };
        Some((latest + duration, state))
    }
}
