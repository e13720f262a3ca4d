//! What a link model comes down to: the numbers that every evaluator uses.

use ebit_quantum::PairState;
use ebit_spec::check::Check;
use ebit_spec::error::Kind;
use ebit_spec::real::Real;
use ebit_spec::{DoubleClick, HeraldedLink, LinkModel, MidpointSource, SenderReceiver, SingleClick, SpecError};

use crate::{double_click, midpoint_source, sender_receiver, single_click};

/// A link in numbers: one attempt's odds and duration, and the pair it delivers.
#[derive(Debug, Clone, PartialEq)]
pub struct LinkPhysics {
    /// Probability that one attempt (all its modes) heralds a pair.
    pub success_probability: f64,
    pub attempt: AttemptTime,
    /// The heralded pair after its correction to Phi+, without the ageing of [`Self::herald_age_s`].
    pub state: PairState,
    /// Its weights of (Phi+, Phi-, Psi+, Psi-), the Pauli twirl of `state`.
    pub weights: [f64; 4],
    /// Probability that a herald took dark counts: 1 - P(same clicks from photons alone)/P.
    pub false_herald_probability: f64,
    /// How long each half, A's and B's, has been stored at the herald, in seconds.
    pub herald_age_s: [f64; 2],
    /// One-way light time of the fibre between the nodes, in seconds, where there is a fibre.
    pub light_time_s: Option<f64>,
}

/// How long an attempt takes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum AttemptTime {
    /// Every attempt takes the same time, in seconds.
    Fixed(f64),
    /// The negotiation in two rounds: `short_s` when round one fails, `long_s` when it is accepted, which happens with
    /// probability `round_one`, success or not.
    TwoRound { short_s: f64, long_s: f64, round_one: f64 },
}

impl AttemptTime {
    /// Mean duration of one attempt in seconds.
    pub fn mean_s(&self) -> f64 {
        match *self {
            Self::Fixed(seconds) => seconds,
            Self::TwoRound { short_s, long_s, round_one } => short_s + (long_s - short_s) * round_one,
        }
    }

    /// Probability that a failed attempt was a long one, when an attempt succeeds with probability `success`; successes
    /// are long always. Zero where all attempts are alike.
    pub fn long_if_failed(&self, success: f64) -> f64 {
        match *self {
            Self::TwoRound { round_one, .. } if success < 1.0 => ((round_one - success) / (1.0 - success)).max(0.0),
            _ => 0.0,
        }
    }
}

impl LinkPhysics {
    /// The numbers of a checked link model.
    ///
    /// # Errors
    /// Numbers that leave the range of a double, naming the model.
    pub fn of(model: &LinkModel) -> Result<Self, SpecError> {
        let (name, physics) = match model {
            LinkModel::HeraldedLink(link) => (HeraldedLink::NAME, Self::of_heralded(link)),
            LinkModel::DoubleClick(link) => (DoubleClick::NAME, double_click::physics(link)),
            LinkModel::SingleClick(link) => (SingleClick::NAME, single_click::physics(link)),
            LinkModel::MidpointSource(link) => (MidpointSource::NAME, midpoint_source::physics(link)),
            LinkModel::SenderReceiver(link) => (SenderReceiver::NAME, sender_receiver::physics(link)),
        };
        let bad = |parameter, value: f64| {
            let hint = "a parameter of the link is beyond any physical value";
            Err(SpecError::new(Kind::TooLarge, name, parameter, "a representable number", Real(value).to_string(), hint))
        };
        if !physics.attempt_time_s().is_finite() {
            return bad("attempt_time_s", physics.attempt_time_s());
        }
        if !physics.success_probability.is_finite() {
            return bad("success_probability", physics.success_probability);
        }
        if let Some(weight) = physics.weights.iter().find(|w| !w.is_finite()) {
            return bad("pair", *weight);
        }
        Ok(physics)
    }

    fn of_heralded(link: &HeraldedLink) -> Self {
        let weights = link.pair.map(|w| w.0);
        Self {
            success_probability: link.success_probability.0,
            attempt: AttemptTime::Fixed(link.attempt_time_s.0),
            state: PairState::from_weights(weights),
            weights,
            false_herald_probability: 0.0,
            herald_age_s: [link.herald_age_s.0; 2],
            light_time_s: None,
        }
    }

    /// Mean duration of one attempt in seconds.
    pub fn attempt_time_s(&self) -> f64 {
        self.attempt.mean_s()
    }
}
