//! Rows of every length class, one panel or many, against rows of plain bools.
//!
//! Lengths are drawn on both sides of each limit of the layout: a word, two words, the padding to 256 bits, and the 2048
//! bits above which rows are cut in panels.

use ebit_bits::{Collapse, PhasedRows, Plane, RowOperations};
use proptest::prelude::*;

/// i^phase X^x Z^z.
#[derive(Debug, Clone, PartialEq)]
struct Plain {
    x: Vec<bool>,
    z: Vec<bool>,
    phase: u8,
}

impl Plain {
    fn times(&mut self, by: &Self) {
        let crossed = self.z.iter().zip(&by.x).filter(|(z, x)| **z && **x).count();
        self.phase = (self.phase + by.phase + 2 * (crossed % 2) as u8) % 4;
        self.x.iter_mut().zip(&by.x).for_each(|(a, b)| *a ^= b);
        self.z.iter_mut().zip(&by.z).for_each(|(a, b)| *a ^= b);
    }
    fn cx(&mut self, control: usize, target: usize) {
        self.x[target] ^= self.x[control];
        self.z[control] ^= self.z[target];
    }
    /// The definition of `PhasedRows::collapse`, gate after gate.
    fn collapse(&mut self, fan: &[usize], end: Collapse) {
        let p = end.pivot;
        fan.iter().for_each(|&target| self.cx(p, target));
        let mut gained = 0;
        if end.turn && self.x[p] {
            self.z[p] ^= true;
            gained += 1;
        }
        // X^x Z^z -> Z^x X^z = (-1)^(x z) X^z Z^x.
        gained += 2 * u8::from(self.x[p] && self.z[p]);
        (self.x[p], self.z[p]) = (self.z[p], self.x[p]);
        gained += 2 * u8::from(end.flip && self.z[p]);
        self.phase = (self.phase + gained) % 4;
    }
}

struct Draws(u64);

impl Draws {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ self.0 >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ z >> 31
    }
    fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }
}

/// Random rows twice: packed and plain. Most bits of one in four rows are zero, as in a state's first steps.
fn filled(rows: usize, bits: usize, draws: &mut Draws) -> (PhasedRows, Vec<Plain>) {
    let mut packed = PhasedRows::identity(rows, bits).expect("little memory");
    let mut plain = vec![Plain { x: vec![false; bits], z: vec![false; bits], phase: 0 }; rows];
    for (row, plain) in plain.iter_mut().enumerate() {
        let sparse = draws.below(4) == 0;
        for bit in 0..bits {
            let chosen = draws.next();
            if sparse && !chosen.is_multiple_of(64) {
                continue;
            }
            (plain.x[bit], plain.z[bit]) = (chosen >> 40 & 1 != 0, chosen >> 41 & 1 != 0);
            if plain.x[bit] {
                packed.set_bit(row, Plane::X, bit);
            }
            if plain.z[bit] {
                packed.set_bit(row, Plane::Z, bit);
            }
        }
        plain.phase = draws.below(4) as u8;
        packed.turn(row, plain.phase);
    }
    (packed, plain)
}

fn same(packed: &PhasedRows, plain: &[Plain]) -> Result<(), TestCaseError> {
    for (row, plain) in plain.iter().enumerate() {
        prop_assert_eq!(packed.phase(row), plain.phase, "phase of row {}", row);
        for bit in 0..packed.bits() {
            prop_assert_eq!(packed.bit(row, Plane::X, bit), plain.x[bit], "x of row {}, bit {}", row, bit);
            prop_assert_eq!(packed.bit(row, Plane::Z, bit), plain.z[bit], "z of row {}, bit {}", row, bit);
        }
    }
    Ok(())
}

fn operate(rows: &mut impl RowOperations, plain: &mut [Plain], draws: &mut Draws) {
    let (a, b) = (draws.below(plain.len()), draws.below(plain.len()));
    let phase = draws.below(4) as u8;
    match draws.below(6) {
        0 => {
            rows.swap(a, b);
            plain.swap(a, b);
        }
        1 => {
            rows.turn(a, phase);
            plain[a].phase = (plain[a].phase + phase) % 4;
        }
        _ if a != b => {
            rows.multiply(a, b, phase);
            let by = plain[b].clone();
            plain[a].times(&by);
            plain[a].phase = (plain[a].phase + phase) % 4;
        }
        _ => {}
    }
}

fn lengths() -> impl Strategy<Value = usize> {
    prop_oneof![1usize..66, 120usize..140, 250usize..260, 1000usize..1030, 2040usize..2056, 2100usize..3200, 5000usize..5200]
}

/// A case looks at up to a million bits: a quarter of the usual number.
fn cases() -> ProptestConfig {
    let usual = ProptestConfig::default();
    ProptestConfig { cases: usual.cases.div_ceil(4), ..usual }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn products_in_batches_and_singly(bits in lengths(), rows in 2usize..12, seed: u64) {
        let draws = &mut Draws(seed);
        let (mut packed, mut plain) = filled(rows, bits, draws);
        for _ in 0..4 {
            let mut batch = packed.batch();
            for _ in 0..draws.below(40) {
                operate(&mut batch, &mut plain, draws);
            }
            drop(batch);
            same(&packed, &plain)?;
            for _ in 0..draws.below(8) {
                operate(&mut packed, &mut plain, draws);
            }
            same(&packed, &plain)?;
        }
    }

    #[test]
    fn a_collapse_is_its_gates(bits in lengths(), rows in 1usize..12, seed: u64, turn: bool, flip: bool) {
        let draws = &mut Draws(seed);
        let (mut packed, mut plain) = filled(rows, bits, draws);
        // Some rows lie elsewhere than in their order.
        packed.swap(0, rows - 1);
        plain.swap(0, rows - 1);
        let end = Collapse { pivot: draws.below(bits), turn, flip };
        let many = draws.below(bits + 1);
        let fan: Vec<usize> = (0..bits).filter(|&bit| bit != end.pivot && draws.below(bits) < many).collect();
        let mut words = vec![0u64; packed.words()];
        fan.iter().for_each(|bit| words[bit / 64] |= 1 << (bit % 64));
        packed.collapse(&words, end);
        plain.iter_mut().for_each(|row| row.collapse(&fan, end));
        same(&packed, &plain)?;
    }

    #[test]
    fn planes_turned_over(bits in lengths(), rows in 1usize..140, seed: u64) {
        let draws = &mut Draws(seed);
        let (packed, plain) = filled(rows, bits, draws);
        let order: Vec<usize> = (0..rows).map(|_| draws.below(rows)).collect();
        let mut turned = PhasedRows::identity(bits + 3, rows).unwrap();
        turned.transpose_from(3, Plane::Z, &packed, &order, Plane::X);
        for bit in 0..bits {
            for (k, &row) in order.iter().enumerate() {
                prop_assert_eq!(turned.bit(3 + bit, Plane::Z, k), plain[row].x[bit]);
            }
        }
    }

    /// Rows that are products of Zs on single bits commute, and their reduced form has known signs.
    #[test]
    fn signs_of_reduced_rows(bits in lengths(), seed: u64) {
        let draws = &mut Draws(seed);
        let signs: Vec<bool> = (0..bits).map(|_| draws.below(2) == 1).collect();
        let mut packed = PhasedRows::identity(20, bits).unwrap();
        for row in 0..20 {
            let mut odd = false;
            for (bit, sign) in signs.iter().enumerate() {
                if draws.below(3) == 0 {
                    packed.set_bit(row, Plane::Z, bit);
                    odd ^= sign;
                }
            }
            packed.turn(row, 2 * u8::from(odd));
        }
        let rank = packed.reduce();
        prop_assert!(rank > 0);
        for row in 0..20 {
            let odd = (0..bits).filter(|&bit| packed.bit(row, Plane::Z, bit) && signs[bit]).count() % 2;
            prop_assert_eq!(packed.phase(row), 2 * odd as u8, "row {}", row);
        }
    }
}
