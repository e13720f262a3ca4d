//! What every protocol on a fibre answers alike.

/// Repetition rate and channel of a protocol with the fields `fiber` and `repetition_rate_hz`.
macro_rules! on_fiber {
    () => {
        fn repetition_rate_hz(&self) -> f64 {
            self.repetition_rate_hz.0
        }
        fn channel(&self) -> Option<&ebit_spec::Channel> {
            Some(&self.fiber)
        }
        fn with_channel(&self, channel: ebit_spec::Channel) -> Self {
            Self { fiber: channel, ..self.clone() }
        }
    };
}

/// Asymptotic only.
macro_rules! asymptotic_only {
    () => {
        fn key_rate(&self, finite: Option<&crate::finite::Finite>) -> Result<crate::rates::KeyRate, ebit_spec::SpecError> {
            if finite.is_some() { self.no_finite_key() } else { Ok(self.asymptotic()) }
        }
    };
}

pub(crate) use {asymptotic_only, on_fiber};
