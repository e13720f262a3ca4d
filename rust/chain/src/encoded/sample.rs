//! Encoded pairs drawn one by one: waiting times, then the errors of every qubit as bits of a Pauli frame.
//!
//! A block is two words, its X and its Z errors. Each error has its source and its place in the circuit; stations read the
//! parity of the errors on both their blocks and decode. What is left at the end is decoded as if it were measured without
//! further errors, so a pair's correlations are signs and its fidelity 0 or 1.

use ebit_quantum::Correlations;
use ebit_random::{Stream, math};

use super::Encoded;
use super::exact::duration;
use crate::numbers::Numbers;
use crate::sample::Sampler;
use crate::segment::Waits;

/// X and Z errors of a block.
#[derive(Debug, Clone, Copy, Default)]
struct Frame {
    x: u32,
    z: u32,
}

/// One chain and what all its pairs share.
pub struct Frames<'a> {
    numbers: &'a Numbers,
    encoded: &'a Encoded,
    waits: &'a Waits,
    /// Cumulative law of the sixteen errors of a link's circuit.
    link: [f64; 16],
    /// The same of the four errors of each station's measurement of a pair of qubits.
    stations: Vec<[f64; 4]>,
    /// When each pair of the link at hand was there.
    there: Vec<u64>,
}

fn cumulative<const N: usize>(law: [f64; N]) -> [f64; N] {
    let mut sum = 0.0;
    law.map(|p| {
        sum += p;
        sum
    })
}

/// The first place whose cumulative probability is beyond a uniform number; rounding leaves the last one.
#[inline]
fn pick<const N: usize>(cumulative: &[f64; N], stream: &mut Stream) -> usize {
    let u = stream.next_f64();
    cumulative.iter().position(|c| u < *c).unwrap_or(N - 1)
}

impl<'a> Frames<'a> {
    pub fn new(numbers: &'a Numbers, encoded: &'a Encoded, waits: &'a Waits) -> Self {
        Self {
            numbers,
            encoded,
            waits,
            link: cumulative(encoded.noise.link_errors()),
            stations: numbers.swaps.iter().map(|s| cumulative(encoded.noise.station_errors(s.visibility))).collect(),
            there: vec![0; encoded.size as usize],
        }
    }

    /// A pair of these correlations after `steps` in `memories` memories, as weights of no error, Z, X, XZ.
    fn law(&self, [x, y, z]: [f64; 3], steps: u64, memories: f64) -> [f64; 4] {
        let [_, rx, ry, rz] = self.numbers.rates[0];
        let kept = |rate: f64| {
            if rate == 0.0 { 1.0 } else { math::exp(-rate * memories * self.numbers.step_s * steps as f64) }
        };
        cumulative(Correlations { x: x * kept(rx), y: y * kept(ry), z: z * kept(rz) }.weights())
    }

    /// A block waits.
    fn store(&self, block: &mut Frame, steps: u64, stream: &mut Stream) {
        if steps == 0 || self.numbers.rates[0].iter().all(|r| *r == 0.0) {
            return;
        }
        let law = self.law([1.0; 3], steps, 1.0);
        for qubit in 0..self.encoded.size {
            let error = pick(&law, stream) as u32;
            block.z ^= (error & 1) << qubit;
            block.x ^= (error >> 1) << qubit;
        }
    }

    /// The two blocks of a link when all its pairs are there, and when that is.
    fn link(&mut self, link: usize, stream: &mut Stream) -> (u64, Frame, Frame) {
        let mut there = std::mem::take(&mut self.there);
        there.iter_mut().for_each(|t| *t = self.waits.draw(link, stream));
        let done = there.iter().copied().max().unwrap_or(0);
        let [_, x, y, z] = self.numbers.links[link].pair;
        let (mut a, mut b) = (Frame::default(), Frame::default());
        for (qubit, t) in there.iter().enumerate() {
            // Both halves of the pair have waited.
            let pair = pick(&self.law([x, y, z], done - t, 2.0), stream) as u32;
            a.z ^= (pair & 1) << qubit;
            b.x ^= (pair >> 1) << qubit;
            let error = pick(&self.link, stream) as u32;
            a.x ^= (error & 1) << qubit;
            a.z ^= (error >> 1 & 1) << qubit;
            b.x ^= (error >> 2 & 1) << qubit;
            b.z ^= (error >> 3) << qubit;
        }
        self.there = there;
        (done, a, b)
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
            let mut read = Frame { x: block.x ^ left.x, z: block.z ^ left.z };
            for qubit in 0..self.encoded.size {
                let error = pick(&self.stations[link - 1], stream) as u32;
                read.z ^= (error & 1) << qubit;
                read.x ^= (error >> 1) << qubit;
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
