//! Executes a program on a block of shots.
//!
//! A block's rows are small enough to stay in the first caches for the whole circuit, and its random numbers are those of
//! its own number: which thread runs it, and what else runs, changes nothing.

use ebit_random::Lanes;

use super::program::{Noise, Op, Program, scale};

/// 64-bit words in a row.
pub const WORDS: usize = 16;
/// Shots in a block.
pub const SHOTS: usize = 64 * WORDS;
/// From this probability on, bits are made all together instead of one by one.
const OFTEN: f64 = 0.06;

/// One bit for each shot of a block.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub struct Row(pub [u64; WORDS]);

impl Row {
    pub const ZERO: Self = Self([0; WORDS]);

    #[inline(always)]
    fn xor(&mut self, other: &Self) {
        for (a, b) in self.0.iter_mut().zip(&other.0) {
            *a ^= b;
        }
    }

    #[inline(always)]
    fn random(lanes: &mut Lanes) -> Self {
        let mut row = Self::ZERO;
        for chunk in row.0.chunks_exact_mut(8) {
            chunk.copy_from_slice(&lanes.words());
        }
        row
    }

    #[inline(always)]
    fn flip(&mut self, shot: usize) {
        self.0[shot / 64 % WORDS] ^= 1 << (shot % 64);
    }

    /// Each bit 1 with this probability, to within 2^-53.
    #[inline(always)]
    fn biased(p: f64, lanes: &mut Lanes) -> Self {
        let mut row = Self::ZERO;
        if p < OFTEN {
            for_each_event(scale(p), SHOTS, lanes, |shot, _| row.flip(shot));
            return row;
        }
        // u < p, from the last bit of p to the first: a smaller bit of u decides, an equal one leaves it as it was.
        let threshold = (p * (1u64 << 53) as f64) as u64;
        if threshold >= 1 << 53 {
            return Self([!0; WORDS]);
        }
        for bit in threshold.trailing_zeros()..53 {
            let random = Self::random(lanes);
            let one = if threshold >> bit & 1 == 1 { !0 } else { 0 };
            for (r, u) in row.0.iter_mut().zip(&random.0) {
                *r = (u & (*r | one)) | (*r & one);
            }
        }
        row
    }
}

/// Everything a block keeps.
pub struct Block {
    rows: Vec<Row>,
    record: Vec<Row>,
    recorded: usize,
    detectors: Vec<Row>,
    detected: usize,
    /// Where an error of the present chain has happened.
    chain: Row,
    turns: Vec<u64>,
}

impl Block {
    pub fn new(program: &Program) -> Self {
        Self {
            rows: vec![Row::ZERO; program.rows],
            record: vec![Row::ZERO; program.measurements],
            recorded: 0,
            detectors: vec![Row::ZERO; program.detectors + program.observables],
            detected: 0,
            chain: Row::ZERO,
            turns: Vec::new(),
        }
    }

    /// Flips of measurement results.
    pub fn record(&self) -> &[Row] {
        &self.record
    }

    /// Detectors, then observables.
    pub fn detectors(&self) -> &[Row] {
        &self.detectors
    }

    /// Runs the program. `reference` is the reference shot, of which only conditions need to know.
    #[inline(always)]
    pub fn run(&mut self, program: &Program, reference: &[bool], lanes: &mut Lanes) {
        self.recorded = 0;
        self.detected = 0;
        self.chain = Row::ZERO;
        self.turns.clear();
        self.detectors[program.detectors..].fill(Row::ZERO);
        let mut at = 0;
        while let Some(op) = program.ops.get(at) {
            at += 1;
            match op {
                Op::Xor(pairs) => {
                    for &[into, from] in pairs {
                        let from = self.rows[from as usize];
                        self.rows[into as usize].xor(&from);
                    }
                }
                Op::Copy(pairs) => pairs.iter().for_each(|[into, from]| self.rows[*into as usize] = self.rows[*from as usize]),
                Op::Zero(rows) => rows.iter().for_each(|row| self.rows[*row as usize] = Row::ZERO),
                Op::Random(rows) => rows.iter().for_each(|row| self.rows[*row as usize] = Row::random(lanes)),
                Op::RandomXor(rows) => {
                    let random = Row::random(lanes);
                    self.add_to(&random, rows);
                }
                Op::Record(rows) => {
                    let record = &mut self.record[self.recorded..];
                    for (result, row) in record.iter_mut().zip(rows) {
                        *result = self.rows[*row as usize];
                    }
                    self.recorded += rows.len();
                }
                Op::RecordZero(count) => {
                    let end = self.recorded + *count as usize;
                    self.record[self.recorded..end].fill(Row::ZERO);
                    self.recorded = end;
                }
                Op::FlipRecord(p, count) => self.flip_record(*p, *count as usize, lanes),
                Op::Noise(noise) => {
                    let rows = &mut self.rows;
                    for_each_event(noise.scale, noise.groups.len() * SHOTS, lanes, |event, lanes| {
                        happen(rows, noise, event, lanes)
                    });
                }
                Op::Herald(noise) => self.herald(noise, lanes),
                Op::Correlated { p, chained, rows } => {
                    let mut happens = Row::biased(*p, lanes);
                    if *chained {
                        happens.0.iter_mut().zip(&self.chain.0).for_each(|(new, old)| *new &= !old);
                        self.chain.0.iter_mut().zip(&happens.0).for_each(|(chain, new)| *chain |= new);
                    } else {
                        self.chain = happens;
                    }
                    self.add_to(&happens, rows);
                }
                Op::Feedback(pairs) => {
                    for &[lookback, into] in pairs {
                        let result = self.look_back(lookback);
                        self.rows[into as usize].xor(&result);
                    }
                }
                Op::Conditional { terms, rows } => {
                    let holds = self.condition(terms, reference);
                    self.add_to(&holds, rows);
                }
                Op::Detector(lookbacks) => {
                    let mut sum = Row::ZERO;
                    lookbacks.iter().for_each(|lookback| sum.xor(&self.look_back(*lookback)));
                    self.detectors[self.detected] = sum;
                    self.detected += 1;
                }
                Op::Observable { index, lookbacks, rows } => {
                    let mut sum = self.detectors[program.detectors + *index as usize];
                    lookbacks.iter().for_each(|lookback| sum.xor(&self.look_back(*lookback)));
                    rows.iter().for_each(|row| sum.xor(&self.rows[*row as usize]));
                    self.detectors[program.detectors + *index as usize] = sum;
                }
                Op::Enter => self.turns.push(0),
                Op::Again { start, count } => {
                    if let Some(turns) = self.turns.last_mut() {
                        *turns += 1;
                        if *turns < *count {
                            at = *start;
                        } else {
                            self.turns.pop();
                        }
                    }
                }
            }
        }
    }

    #[inline(always)]
    fn add_to(&mut self, row: &Row, rows: &[u32]) {
        rows.iter().for_each(|into| self.rows[*into as usize].xor(row));
    }

    #[inline(always)]
    fn look_back(&self, lookback: u32) -> Row {
        self.record[self.recorded - lookback as usize]
    }

    #[inline(always)]
    fn flip_record(&mut self, p: f64, count: usize, lanes: &mut Lanes) {
        let results = &mut self.record[self.recorded - count..self.recorded];
        if p < OFTEN {
            for_each_event(scale(p), count * SHOTS, lanes, |event, _| results[event / SHOTS].flip(event % SHOTS));
        } else {
            results.iter_mut().for_each(|result| result.xor(&Row::biased(p, lanes)));
        }
    }

    #[inline(always)]
    fn herald(&mut self, noise: &Noise, lanes: &mut Lanes) {
        let end = self.recorded + noise.groups.len();
        let heralds = &mut self.record[self.recorded..end];
        heralds.fill(Row::ZERO);
        let rows = &mut self.rows;
        if !noise.cases.is_empty() {
            for_each_event(noise.scale, noise.groups.len() * SHOTS, lanes, |event, lanes| {
                heralds[event / SHOTS].flip(event % SHOTS);
                happen(rows, noise, event, lanes);
            });
        }
        self.recorded = end;
    }

    /// Where the truth of the terms differs from the reference's.
    #[inline(always)]
    fn condition(&self, terms: &[(u32, bool)], reference: &[bool]) -> Row {
        let mut holds = Row([!0; WORDS]);
        let mut reference_holds = true;
        for &(lookback, wanted) in terms {
            let expected = reference[self.recorded - lookback as usize];
            reference_holds &= expected == wanted;
            // A result is the wanted one where it is flipped and the reference is not, or the other way round.
            let unflipped = if expected == wanted { !0 } else { 0 };
            holds.0.iter_mut().zip(&self.look_back(lookback).0).for_each(|(all, flip)| *all &= flip ^ unflipped);
        }
        let reference_holds = if reference_holds { !0 } else { 0 };
        holds.0.iter_mut().for_each(|all| *all ^= reference_holds);
        holds
    }
}

/// One error of a noise: which, and the bits it flips.
#[inline(always)]
fn happen(rows: &mut [Row], noise: &Noise, event: usize, lanes: &mut Lanes) {
    let (group, shot) = (&noise.groups[event / SHOTS], event % SHOTS);
    let mask = match noise.cases[..] {
        [(_, only)] => only,
        _ if noise.uniform => noise.cases[((u128::from(lanes.word()) * noise.cases.len() as u128) >> 64) as usize].1,
        _ => {
            let word = lanes.word();
            noise.cases.iter().find(|(bound, _)| word <= *bound).map_or(0, |(_, mask)| *mask)
        }
    };
    for (k, row) in group.iter().enumerate() {
        if mask >> k & 1 == 1 {
            rows[*row as usize].flip(shot);
        }
    }
}

/// Calls `event` with every trial that succeeds, by geometric steps from one to the next; `scale` is -1 / ln(1 - p).
#[inline(always)]
fn for_each_event(scale: f64, trials: usize, lanes: &mut Lanes, mut event: impl FnMut(usize, &mut Lanes)) {
    let step = |lanes: &mut Lanes| (lanes.exponential() * scale) as usize;
    let mut next = step(lanes);
    while next < trials {
        event(next, lanes);
        next = next.saturating_add(1).saturating_add(step(lanes));
    }
}
