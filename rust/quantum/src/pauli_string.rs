//! A product of Pauli operators on many qubits, with its phase.
//!
//! Held as i^phase times Hermitian letters, X and Z bits in words: `+XX_Z` is phase 0. Products use the order "all X
//! before all Z" (Y = iXZ), in which moving operators past each other costs a parity. Refuses to know states and gates.

use core::fmt;
use core::str::FromStr;

use crate::error::QuantumError;
use crate::pauli::Pauli;

pub(crate) const OBJECT: &str = "PauliString";

/// i^phase P0 P1 ... P(n-1), letters I, X, Y, Z.
///
/// ```
/// use ebit_quantum::PauliString;
///
/// let (x, z): (PauliString, PauliString) = ("X".parse()?, "Z".parse()?);
/// assert_eq!(x.times(&z).to_string(), "-iY");
/// # Ok::<(), ebit_quantum::QuantumError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PauliString {
    qubits: usize,
    x: Vec<u64>,
    z: Vec<u64>,
    phase: u8,
}

impl PauliString {
    pub fn identity(qubits: usize) -> Self {
        let words = qubits.div_ceil(64);
        Self { qubits, x: vec![0; words], z: vec![0; words], phase: 0 }
    }

    pub fn from_paulis(paulis: &[Pauli]) -> Self {
        let mut out = Self::identity(paulis.len());
        for (k, pauli) in paulis.iter().enumerate() {
            out.set(k, *pauli);
        }
        out
    }

    /// From i^phase X^x Z^z, words of each plane, as the rows of a tableau hold it.
    pub(crate) fn from_xz(qubits: usize, x: Vec<u64>, z: Vec<u64>, phase: u8) -> Self {
        let mut out = Self { qubits, x, z, phase: 0 };
        out.phase = phase.wrapping_sub(out.count_y()) & 3;
        out
    }

    /// The exponent of i in front of X^x Z^z.
    pub(crate) fn xz_phase(&self) -> u8 {
        self.phase.wrapping_add(self.count_y()) & 3
    }
    pub(crate) fn x_words(&self) -> &[u64] {
        &self.x
    }
    pub(crate) fn z_words(&self) -> &[u64] {
        &self.z
    }
    fn count_y(&self) -> u8 {
        self.x.iter().zip(&self.z).fold(0u8, |sum, (x, z)| sum.wrapping_add((x & z).count_ones() as u8))
    }

    pub fn qubits(&self) -> usize {
        self.qubits
    }
    /// The exponent of i: 0 for `+`, 1 for `+i`, 2 for `-`, 3 for `-i`.
    pub fn phase(&self) -> u8 {
        self.phase
    }
    #[must_use]
    pub fn with_phase(mut self, phase: u8) -> Self {
        self.phase = phase & 3;
        self
    }
    /// Whether the sign is + or -, so that it is an observable.
    pub fn is_hermitian(&self) -> bool {
        self.phase & 1 == 0
    }

    /// The letter on a qubit; identity beyond the last.
    pub fn get(&self, qubit: usize) -> Pauli {
        if qubit >= self.qubits {
            return Pauli::I;
        }
        let bit = |plane: &[u64]| plane[qubit / 64] >> (qubit % 64) & 1 != 0;
        Pauli::from_bits(bit(&self.x), bit(&self.z))
    }
    /// Replaces the letter on a qubit; nothing beyond the last.
    pub fn set(&mut self, qubit: usize, pauli: Pauli) {
        if qubit < self.qubits {
            let (word, bit) = (qubit / 64, qubit % 64);
            self.x[word] = self.x[word] & !(1 << bit) | u64::from(pauli.has_x()) << bit;
            self.z[word] = self.z[word] & !(1 << bit) | u64::from(pauli.has_z()) << bit;
        }
    }
    pub fn paulis(&self) -> impl Iterator<Item = Pauli> {
        (0..self.qubits).map(|k| self.get(k))
    }

    /// How many letters are not I.
    pub fn weight(&self) -> usize {
        self.x.iter().zip(&self.z).map(|(x, z)| (x | z).count_ones() as usize).sum()
    }

    /// A shorter string counts as identity where it has ended.
    pub fn commutes_with(&self, other: &Self) -> bool {
        let crossed = |a: &[u64], b: &[u64]| a.iter().zip(b).fold(0, |sum, (a, b)| sum ^ (a & b));
        (crossed(&self.x, &other.z) ^ crossed(&self.z, &other.x)).count_ones() & 1 == 0
    }

    /// The product, `self` on the left; as long as the longer one.
    #[must_use]
    pub fn times(&self, other: &Self) -> Self {
        let crossed = self.z.iter().zip(&other.x).fold(0, |sum, (z, x)| sum ^ (z & x));
        let phase = self.xz_phase() + other.xz_phase() + 2 * (crossed.count_ones() & 1) as u8;
        let add = |a: &[u64], b: &[u64]| {
            let (long, short) = if a.len() >= b.len() { (a, b) } else { (b, a) };
            let mut sum = long.to_vec();
            sum.iter_mut().zip(short).for_each(|(sum, word)| *sum ^= word);
            sum
        };
        Self::from_xz(self.qubits.max(other.qubits), add(&self.x, &other.x), add(&self.z, &other.z), phase)
    }

    /// `self` on the first qubits, `other` on the ones behind them.
    #[must_use]
    pub fn tensor(&self, other: &Self) -> Self {
        let mut out = Self::identity(self.qubits + other.qubits);
        for (k, pauli) in self.paulis().chain(other.paulis()).enumerate() {
            out.set(k, pauli);
        }
        out.with_phase(self.phase + other.phase)
    }
}

impl fmt::Display for PauliString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(["+", "+i", "-", "-i"][self.phase as usize & 3])?;
        let mut letters = vec![0; self.qubits];
        write_letters(&self.x, &self.z, &mut letters);
        f.write_str(core::str::from_utf8(&letters).map_err(|_| fmt::Error)?)
    }
}

/// The letters `_XYZ` of X and Z bits, four qubits at a time.
pub(crate) fn write_letters(x: &[u64], z: &[u64], letters: &mut [u8]) {
    const FOUR: [[u8; 4]; 256] = {
        let mut table = [[0; 4]; 256];
        let mut k = 0;
        while k < 1024 {
            let (value, bit) = (k / 4, k % 4);
            table[value][bit] = b"_XZY"[(value >> bit & 1) + 2 * (value >> (4 + bit) & 1)];
            k += 1;
        }
        table
    };
    for (k, four) in letters.chunks_mut(4).enumerate() {
        let (word, shift) = (k / 16, 4 * (k % 16));
        let value = (x[word] >> shift & 15) | (z[word] >> shift & 15) << 4;
        four.copy_from_slice(&FOUR[value as usize][..four.len()]);
    }
}

impl FromStr for PauliString {
    type Err = QuantumError;

    /// Reads `+XX_Z`, `-iY`, `XYZ`: an optional sign, an optional i, letters; `I` and `_` are the same.
    fn from_str(text: &str) -> Result<Self, QuantumError> {
        let hint = "as +XX_Z or -iY; I and _ read alike";
        let (phase, letters) = match text.as_bytes() {
            [b'+', b'i', rest @ ..] => (1, rest),
            [b'-', b'i', rest @ ..] => (3, rest),
            [b'i', rest @ ..] => (1, rest),
            [b'+', rest @ ..] => (0, rest),
            [b'-', rest @ ..] => (2, rest),
            rest => (0, rest),
        };
        let mut out = Self::identity(letters.len()).with_phase(phase);
        for (k, letter) in letters.iter().enumerate() {
            let pauli = match letter {
                b'I' | b'_' => Pauli::I,
                b'X' => Pauli::X,
                b'Y' => Pauli::Y,
                b'Z' => Pauli::Z,
                _ => {
                    let shown: String = text.chars().take(60).collect();
                    return Err(QuantumError::new(
                        OBJECT,
                        "text",
                        "a sign and letters I, X, Y, Z, _",
                        format!("{shown:?}"),
                        hint,
                    ));
                }
            };
            out.set(k, pauli);
        }
        Ok(out)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn string(text: &str) -> PauliString {
        text.parse().unwrap()
    }

    #[test]
    fn products_of_one_qubit() {
        for (a, b, product) in
            [("X", "Z", "-iY"), ("Z", "X", "+iY"), ("X", "Y", "+iZ"), ("Y", "Z", "+iX"), ("Y", "Y", "+_"), ("-iX", "iX", "+_")]
        {
            assert_eq!(string(a).times(&string(b)).to_string(), product, "{a} {b}");
        }
    }

    #[test]
    fn forms() {
        for text in ["+", "-", "+i", "+XX_Z", "-iYZ", "+_"] {
            assert_eq!(string(text).to_string(), text);
        }
        assert_eq!(string("IXI"), string("+_X_"));
        assert_eq!(string("iX").to_string(), "+iX");
        assert!("XA".parse::<PauliString>().is_err());
        assert!("X+".parse::<PauliString>().is_err());
        assert!("Xé".parse::<PauliString>().is_err());
        assert_eq!(string("XX").times(&string("ZZZ")).to_string(), "-YYZ");
        assert_eq!(string("-X").tensor(&string("iZY")).to_string(), "-iXZY");
        assert_eq!(string("X_YZ").weight(), 3);
        assert!(!string("XX").commutes_with(&string("Z")));
    }

    fn any_string(n: usize) -> impl Strategy<Value = PauliString> {
        (proptest::collection::vec(0usize..4, n), 0u8..4).prop_map(|(letters, phase)| {
            PauliString::from_paulis(&letters.iter().map(|&k| Pauli::ALL[k]).collect::<Vec<_>>()).with_phase(phase)
        })
    }

    proptest! {
        #[test]
        fn products_are_associative_and_know_their_commutator(
            (a, b, c) in (1usize..200).prop_flat_map(|n| (any_string(n), any_string(n), any_string(n)))
        ) {
            prop_assert_eq!(a.times(&b).times(&c), a.times(&b.times(&c)));
            let swapped = b.times(&a);
            let sign = if a.commutes_with(&b) { 0 } else { 2 };
            prop_assert_eq!(a.times(&b), swapped.clone().with_phase(swapped.phase() + sign));
            prop_assert_eq!(&string(&a.to_string()), &a);
        }
    }
}
