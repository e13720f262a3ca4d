//! From a checked chain to its numbers: devices become probabilities, seconds become steps of one common length.

use ebit_hardware::{AttemptTime, Decay, Encoded, LinkPhysics};
use ebit_quantum::{Correlations, Distillation, PairState, Side};
use ebit_spec::check::{At, Check};
use ebit_spec::error::Kind;
use ebit_spec::real::Real;
use ebit_spec::{EndMemory, RepeaterChain, Schedule, SpecError};

use crate::endless::{Endless, endless};
use crate::numbers::{Link, Numbers, Quad, Swap};
use crate::tree::Tree;

/// Ticks per second: times are compared as whole picoseconds.
pub(crate) const TICKS_PER_S: f64 = 1e12;
/// Beyond this a time is no longer whole picoseconds in a double.
const MAX_TICKS: f64 = 9e15;

/// The schedule in steps.
#[derive(Debug, Clone, PartialEq)]
pub enum Plan {
    Tree(Tree),
    SwapAsap(AsapPlan),
    /// Swap-asap of encoded pairs.
    Encoded(Box<Encoded>),
}

/// What swap-asap asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AsapPlan {
    pub cutoff: Option<u64>,
    /// The cut-off limits the time of each memory, not the age of the oldest elementary pair.
    pub on_memory: bool,
    /// Pairs that a link makes and holds at a time.
    pub slots: u32,
}

/// Links times slots that a sample may hold in each thread.
const MAX_PLACES: usize = 10_000_000;

/// Why means of (1, x, y, z, <ZI>, <IZ>) over the parts of a chain do not give those of the whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beyond {
    /// DEJMPS of this link's pair, which has other parts that count.
    State(usize),
    /// DEJMPS of what DEJMPS made, in memories that relax in between: <XI>, <ZX> and the like come up.
    Rounds,
}

/// A chain ready for the evaluators.
#[derive(Debug, Clone, PartialEq)]
pub struct Compiled {
    pub numbers: Numbers,
    pub plan: Plan,
    /// A sample carries full pairs: memories relax towards |0>, or what is distilled is not Bell-diagonal.
    pub relaxes: bool,
    /// What keeps the exact laws from carrying all that the delivered state depends on.
    pub beyond: Option<Beyond>,
    pub decay: Decay,
    /// The full states of the links at their heralds, for memories that relax.
    pub states: Vec<PairState>,
    /// Mean duration of an attempt of each link.
    pub attempt_s: Vec<f64>,
}

/// Checks the chain and computes its numbers.
///
/// # Errors
/// Ranges; a link or swap that never succeeds; classical delay, which only events know.
pub fn compile(chain: &RepeaterChain) -> Result<Compiled, SpecError> {
    chain.check(&At(&|| RepeaterChain::NAME.to_owned()))?;
    let error = |kind, parameter: &str, range: &str, value: String, hint: &str| {
        SpecError::new(kind, RepeaterChain::NAME, parameter, range, value, hint)
    };
    if chain.classical_delay {
        let hint = "only simulate() carries messages";
        return Err(error(Kind::Range, "classical_delay", "False for exact() and sample()", "True".into(), hint));
    }
    let decay = Decay::of(&chain.memory);
    let q = chain.swap.success_probability;
    if q.0 <= 0.0 && chain.links.len() > 1 {
        let hint = "the waiting time would be infinite";
        return Err(error(Kind::NeverSucceeds, "swap.success_probability", "> 0", q.to_string(), hint));
    }
    let mut ticks = Vec::new();
    let mut physics: Vec<LinkPhysics> = Vec::with_capacity(chain.links.len());
    for (k, model) in chain.links.iter().enumerate() {
        // Equal links in a row are computed once.
        let numbers = match physics.last() {
            Some(last) if chain.links[k - 1] == *model => last.clone(),
            _ => LinkPhysics::of(model)?,
        };
        if numbers.success_probability <= 0.0 {
            let hint = "the waiting time would be infinite: look at losses and efficiencies";
            let name = format!("links[{k}].success_probability");
            return Err(error(Kind::NeverSucceeds, &name, "> 0", Real(numbers.success_probability).to_string(), hint));
        }
        match numbers.attempt {
            AttemptTime::Fixed(seconds) => ticks.push(seconds),
            AttemptTime::TwoRound { short_s, long_s, .. } => ticks.extend([short_s, long_s]),
        }
        physics.push(numbers);
    }
    let swaps = chain.schedule.swaps(chain.links.len());
    let cutoff_s = if let Schedule::SwapAsap(asap) = &chain.schedule { asap.cutoff_s.map(|c| c.0) } else { None };
    ticks.extend(swaps.iter().flat_map(|s| s.cutoffs_s.iter().copied()).filter(|c| c.is_finite()));
    ticks.extend(cutoff_s.into_iter().chain([chain.swap.duration_s.0]));
    let whole = |seconds: f64| whole_ticks(RepeaterChain::NAME, seconds);
    let mut step = 0;
    for seconds in &ticks {
        step = common_divisor(step, whole(*seconds)?);
    }
    let step = step.max(1);
    let steps = |seconds: f64| Ok::<u64, SpecError>(whole(seconds)? / step);
    let states: Vec<PairState> = physics.iter().map(|p| stored(p, &decay)).collect();
    let links = physics.iter().zip(&states).map(|(p, state)| link(p, state, &decay, &steps)).collect::<Result<Vec<_>, _>>()?;
    let n = links.len();
    let swap = Swap { success: q.0, visibility: chain.swap.visibility(), duration: steps(chain.swap.duration_s.0)? };
    let (x, z) = (decay.depolarizing_rate() + decay.dephasing_rate(), decay.depolarizing_rate());
    let plan = match (&swaps, &chain.encoding) {
        (_, Some(encoding)) => {
            let code = encoding.code.binary(&At(&|| "RepeaterChain.encoding.code".to_owned()))?;
            Plan::Encoded(Box::new(Encoded::new(&code, encoding)))
        }
        (Some(swaps), None) => Plan::Tree(Tree::new(swaps, steps)?),
        (None, None) => {
            let slots = if chain.schedule.all_slots() { u32::try_from(chain.memory.slots).unwrap_or(1) } else { 1 };
            if slots > 1 && n.saturating_mul(slots as usize) > MAX_PLACES {
                let range = format!("<= {} for {n} links", MAX_PLACES / n.max(1));
                let hint = "links times slots are held in each thread";
                return Err(error(Kind::TooLarge, "memory.slots", &range, slots.to_string(), hint));
            }
            let cutoff = cutoff_s.map(steps).transpose()?;
            Plan::SwapAsap(AsapPlan { cutoff, on_memory: chain.schedule.cutoff_on_memory(), slots })
        }
    };
    // A swap's Bell-diagonal part depends on those of its inputs alone; a distillation's does not.
    let (distils, dejmps) = match &plan {
        Plan::Tree(tree) => (tree.distils(), tree.distils() && tree.protocol == Distillation::Dejmps),
        Plan::SwapAsap(_) | Plan::Encoded(_) => (false, false),
    };
    let not_bell_diagonal = distils && states.iter().any(|s| !vanish(s, |k| k % 5 != 0));
    let beyond = match &plan {
        // <ZI> is the coefficient 12 and <IZ> the coefficient 3 of a pair.
        Plan::Tree(tree) if dejmps => states
            .iter()
            .position(|s| !vanish(s, |k| k % 5 != 0 && k != 3 && k != 12))
            .map(Beyond::State)
            .or_else(|| (!decay.is_pauli() && tree.rounds_in_a_row() > 1).then_some(Beyond::Rounds)),
        _ => None,
    };
    let step_s = step as f64 / TICKS_PER_S;
    let tilt = |s: &PairState| [s.coefficients()[12], s.coefficients()[3]];
    let numbers = Numbers {
        step_s,
        links,
        swaps: vec![swap; n.saturating_sub(1)],
        rates: vec![[0.0, x, x, z]; n + 1],
        ends_measured: chain.end_memory == EndMemory::Measured,
        tilts: (!decay.is_pauli()).then(|| states.iter().map(tilt).collect()),
    };
    if let Plan::Tree(tree) = &plan
        && let Some(Endless { node, cutoff, needed }) = endless(&numbers, tree)
    {
        let seconds = |steps: u64| format!("{} s", Real(steps.saturating_mul(step) as f64 / TICKS_PER_S));
        let why =
            if tree.one_after_another { "the right half takes at least that" } else { "its halves differ by at least that" };
        let range = format!(">= {} at node {node}: {why}", seconds(needed));
        let hint = "the waiting time would be infinite: each try would be cut off";
        return Err(error(Kind::NeverSucceeds, "schedule.cutoffs_s", &range, seconds(cutoff), hint));
    }
    Ok(Compiled {
        numbers,
        plan,
        relaxes: !decay.is_pauli() || not_bell_diagonal,
        beyond,
        decay,
        states,
        attempt_s: physics.iter().map(LinkPhysics::attempt_time_s).collect(),
    })
}

/// A duration in whole picoseconds.
///
/// # Errors
/// One that is too long for that.
pub(crate) fn whole_ticks(object: &str, seconds: f64) -> Result<u64, SpecError> {
    let ticks = (seconds * TICKS_PER_S).round();
    if ticks <= MAX_TICKS {
        return Ok(ticks as u64);
    }
    let hint = "durations are counted in picoseconds";
    Err(SpecError::new(Kind::TooLarge, object, "durations", "<= 9000 s", format!("{} s", Real(seconds)), hint))
}

/// Rounding of a state's own computation.
const NEGLIGIBLE: f64 = 1e-12;

/// Whether those coefficients are zero that `which` names.
fn vanish(state: &PairState, which: impl Fn(usize) -> bool) -> bool {
    state.coefficients().iter().enumerate().all(|(k, r)| !which(k) || r.abs() <= NEGLIGIBLE)
}

/// The pair at its herald: both halves have been stored since their emission.
pub(crate) fn stored(physics: &LinkPhysics, decay: &Decay) -> PairState {
    let mut state = physics.state;
    for (side, age) in [Side::Left, Side::Right].into_iter().zip(physics.herald_age_s) {
        decay.apply(&mut state, side, age);
    }
    state
}

pub(crate) fn link(
    physics: &LinkPhysics,
    state: &PairState,
    decay: &Decay,
    steps: &dyn Fn(f64) -> Result<u64, SpecError>,
) -> Result<Link, SpecError> {
    let p = physics.success_probability;
    let (short, long) = match physics.attempt {
        AttemptTime::Fixed(seconds) => (seconds, seconds),
        AttemptTime::TwoRound { short_s, long_s, .. } => (short_s, long_s),
    };
    // Both halves have been stored since their emission: correlations know of it, but for relaxation.
    let t = if decay.is_pauli() {
        let fresh = Correlations::from_weights(physics.weights);
        physics.herald_age_s.into_iter().fold(fresh, |pair, age| decay.apply_twirled(pair, age))
    } else {
        state.correlations()
    };
    let pair: Quad = [1.0, t.x, t.y, t.z];
    Ok(Link { success: p, long: steps(long)?, short: steps(short)?, long_if_failed: physics.attempt.long_if_failed(p), pair })
}

pub(crate) fn common_divisor(mut a: u64, mut b: u64) -> u64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
