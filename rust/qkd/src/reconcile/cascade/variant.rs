//! Block sizes of the passes: the published variants of Cascade.

use ebit_random::math;

/// Below this error rate blocks are as for it.
const LEAST_QBER: f64 = 1e-5;
/// Passes over "half the key" use blocks of at most so many bits: for longer keys that costs 2e-4 bits per bit of key, and
/// saves a search through millions of bits for every late error.
pub const LARGEST_HALF: usize = 1 << 16;

/// A published choice of block sizes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Variant {
    /// Brassard and Salvail, doi:10.1007/3-540-48285-7_35: 4 passes, k_1 = 0.73/q, each block twice the last pass's.
    Original,
    /// Option 3 of Martinez-Mateo, Pacher, Peev, Ciurana and Martin (arXiv:1407.3257): 16 passes, k_1 = 1/q, k_2 = 2 k_1, then n/2.
    Option3,
    /// Option 7 of the same: 14 passes, k_1 the power of two at or above 1/q, k_2 = 4 k_1, then n/2.
    Option7,
    /// Option 8 of the same, with the least disclosed: 14 passes, powers of two, 4096 in the third, then n/2.
    Option8,
}

impl Variant {
    pub const ALL: [Self; 4] = [Self::Original, Self::Option3, Self::Option7, Self::Option8];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::Option3 => "option-3",
            Self::Option7 => "option-7",
            Self::Option8 => "option-8",
        }
    }

    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|v| v.name() == name)
    }

    pub const fn passes(self) -> usize {
        match self {
            Self::Original => 4,
            Self::Option3 => 16,
            Self::Option7 | Self::Option8 => 14,
        }
    }

    /// The block sizes of all passes for a key of `n` bits with error rate `qber`, each in [1, n].
    pub fn block_sizes(self, n: usize, qber: f64) -> Vec<usize> {
        let q = qber.max(LEAST_QBER);
        let half = (n / 2).min(LARGEST_HALF);
        let power = |exponent: f64| math::pow(2.0, exponent.ceil()) as usize;
        let inverse = math::log2(1.0 / q);
        (0..self.passes())
            .map(|pass| match (self, pass) {
                (Self::Original, _) => ((0.73 / q).ceil() as usize) << pass,
                (Self::Option3, 0) => (1.0 / q).ceil() as usize,
                (Self::Option3, 1) => 2 * (1.0 / q).ceil() as usize,
                (Self::Option7, 0) => power(inverse),
                (Self::Option7, 1) => 4 * power(inverse),
                (Self::Option8, 0) => power(inverse - 0.5),
                (Self::Option8, 1) => power((inverse - 0.5 + 12.0) / 2.0),
                (Self::Option8, 2) => 4096,
                _ => half,
            })
            .map(|size| size.clamp(1, n.max(1)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_the_published_ones() {
        assert_eq!(Variant::Original.block_sizes(100_000, 0.03), [25, 50, 100, 200]);
        assert_eq!(Variant::Option7.block_sizes(10_000, 0.03)[..3], [64, 256, 5000]);
        assert_eq!(Variant::Option8.block_sizes(100_000, 0.03)[..4], [32, 512, 4096, 50_000]);
        assert_eq!(Variant::Option3.block_sizes(10_000, 0.05)[..3], [20, 40, 5000]);
        for variant in Variant::ALL {
            assert_eq!(Variant::named(variant.name()), Some(variant));
            assert_eq!(variant.block_sizes(1_000_000, 0.01).len(), variant.passes());
            for (n, q) in [(1, 0.5), (2, 0.0), (1000, 1e-9), (10_000_000, 0.49)] {
                assert!(variant.block_sizes(n, q).iter().all(|k| (1..=n).contains(k)));
            }
        }
    }
}
