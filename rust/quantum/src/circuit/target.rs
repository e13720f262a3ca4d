//! What an instruction acts on.

use core::fmt;

use crate::pauli::Pauli;

/// One past the largest qubit, lookback and sweep bit: Stim's 24 bits.
pub const INDEX_LIMIT: u32 = 1 << 24;

/// One target of an instruction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// `3`, or `!3`: a qubit, its measurement result inverted.
    Qubit { index: u32, inverted: bool },
    /// `X3`, or `!X3`: a Pauli operator on a qubit.
    Pauli { pauli: Pauli, index: u32, inverted: bool },
    /// `rec[-k]`: the k-th last measurement result, k >= 1.
    Record(u32),
    /// `sweep[k]`: a classical bit given from outside; 0 where nothing gives it.
    Sweep(u32),
    /// `*` between the factors of a Pauli product.
    Combiner,
}

impl Target {
    /// A qubit, not inverted.
    pub const fn qubit(index: u32) -> Self {
        Self::Qubit { index, inverted: false }
    }

    /// The qubit it names, if any.
    pub const fn index(self) -> Option<u32> {
        match self {
            Self::Qubit { index, .. } | Self::Pauli { index, .. } => Some(index),
            _ => None,
        }
    }

    /// A measurement record or sweep bit.
    pub const fn is_classical(self) -> bool {
        matches!(self, Self::Record(_) | Self::Sweep(_))
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Qubit { index, inverted } => write!(f, "{}{index}", if *inverted { "!" } else { "" }),
            Self::Pauli { pauli, index, inverted } => write!(f, "{}{}{index}", if *inverted { "!" } else { "" }, pauli.letter()),
            Self::Record(lookback) => write!(f, "rec[-{lookback}]"),
            Self::Sweep(index) => write!(f, "sweep[{index}]"),
            Self::Combiner => write!(f, "*"),
        }
    }
}
