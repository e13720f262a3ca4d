//! Windows that test among those that make key: vacuum, a weak decoy, a strong one; what is not given is chosen.

use ebit_spec::check::At;
use ebit_spec::{Real, SpecError};

use super::fields::check_intensity;

/// As the fields of the protocols that take such windows.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct TestWindows {
    pub weak: Option<Real>,
    pub strong: Option<Real>,
    pub weak_probability: Option<Real>,
    pub strong_probability: Option<Real>,
    pub key_window_probability: Option<Real>,
}

impl TestWindows {
    /// # Errors
    /// Intensities and shares outside their ranges, a weak decoy that is none, one share without the other.
    pub fn check(&self, at: &At<'_>) -> Result<(), SpecError> {
        for (name, value) in [("weak", self.weak), ("strong", self.strong)] {
            value.map_or(Ok(()), |mean| check_intensity(at, name, mean))?;
        }
        if let (Some(weak), Some(strong)) = (self.weak, self.strong)
            && weak.0 >= strong.0
        {
            return Err(at.error("strong", format!("> {weak}"), strong, "the strong decoy is brighter than the weak one"));
        }
        let shares = [
            ("weak_probability", self.weak_probability, "of test windows"),
            ("strong_probability", self.strong_probability, "of test windows"),
            ("key_window_probability", self.key_window_probability, "of all windows; the others test"),
        ];
        for (name, value, hint) in shares {
            if let Some(p) = value.filter(|p| !(p.0 > 0.0 && p.0 < 1.0)) {
                return Err(at.error(name, "in (0, 1)", p, hint));
            }
        }
        match (self.weak_probability, self.strong_probability) {
            (Some(weak), Some(strong)) if weak.0 + strong.0 >= 1.0 => {
                let range = format!("< {}", Real(1.0 - weak.0));
                Err(at.error("strong_probability", range, strong, "the rest of the test windows is vacuum"))
            }
            (Some(_), None) | (None, Some(_)) => {
                let got = self.strong_probability.map_or_else(|| "None".to_owned(), |p| p.to_string());
                let hint = "give both probabilities, or neither for the best";
                Err(at.error("strong_probability", "given if and only if weak_probability is", got, hint))
            }
            _ => Ok(()),
        }
    }
}
