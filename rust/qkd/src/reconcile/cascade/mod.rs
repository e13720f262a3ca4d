//! Cascade: errors are found by asking for parities, and every error found tells more about blocks asked before.
//!
//! Brassard and Salvail, doi:10.1007/3-540-48285-7_35; variants by Martinez-Mateo et al., arXiv:1407.3257. Alice answers
//! ([`Alice`]), Bob asks ([`Bob`]), and all that passes between them passes through a [`Channel`].
//!
//! The ledger counts one bit for each parity of Alice's key. Bob's own parities, or which half he asks about next, tell where
//! the keys differ; whether a proof of security needs that counted too depends on the protocol (Tupkary and Lütkenhaus,
//! arXiv:2307.00576): it does not where errors are independent of the key, as in the models of this crate.

mod alice;
mod bob;
mod channel;
mod plan;
mod ranges;
mod variant;

pub use alice::Alice;
pub use bob::Bob;
pub use channel::{Channel, Range};
pub use plan::Plan;
pub use variant::Variant;

use crate::ledger::Ledger;
use crate::reconcile::GoOn;

/// A key that went through Cascade.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reconciled {
    /// Bob's key as it is now.
    pub key: Vec<u64>,
    pub ledger: Ledger,
    /// Bits he flipped.
    pub flips: u64,
}

/// Both sides in one place: what Bob has when they are done.
///
/// Keys are packed as [`crate::reconcile::masked`] gives them, of the plan's length.
pub fn cascade(plan: &Plan, alice: &[u64], bob: &[u64], go_on: &mut GoOn<'_>) -> Reconciled {
    let mut channel = Alice::new(plan, alice);
    let mut asking = Bob::new(plan, bob);
    asking.reconcile(&mut channel, go_on);
    let (key, ledger, flips) = asking.into_key();
    Reconciled { key, ledger, flips }
}
