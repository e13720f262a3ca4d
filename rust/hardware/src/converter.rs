//! Quantum frequency conversion in front of the fibre: fewer photons, and some that were nobody's.
//!
//! ```text
//!     node A -- converter == arm A ==[50:50]== arm B == converter -- node B
//!               t_conv, n photons/s    | |
//! ```
//!
//! A converter of efficiency t multiplies the source's efficiency. Its noise, n photons per second at its output within the
//! receiver's filter, crosses the arm and is split evenly over both detectors, which click with their efficiency e:
//!
//! ```text
//!     dark counts + e (n_A 10^(-dB_A/10) + n_B 10^(-dB_B/10)) / 2     per detector
//! ```
//!
//! Limits: the noise is Poisson within a window (many thermal modes), and does not bunch at the beam splitter.

use ebit_spec::check::Check;
use ebit_spec::error::Kind;
use ebit_spec::light::FrequencyConverter;
use ebit_spec::real::PerSide;
use ebit_spec::{Channel, Detector, LinkModel, SpecError};

use crate::channel::Crossing;
use crate::detection::with_background;

/// The link with a converter at each node.
///
/// # Errors
/// A model without emitters at its nodes.
pub fn with_converters(model: &LinkModel, converters: [&FrequencyConverter; 2]) -> Result<LinkModel, SpecError> {
    let mut model = model.clone();
    match &mut model {
        LinkModel::DoubleClick(m) => convert(&m.fiber, m.station.0, &mut m.source_efficiency, &mut m.detector, converters),
        LinkModel::SingleClick(m) => convert(&m.fiber, m.station.0, &mut m.source_efficiency, &mut m.detector, converters),
        _ => {
            let range = "a DoubleClick or a SingleClick";
            let hint = "converters stand between the emitters of the nodes and their fibres";
            return Err(SpecError::new(Kind::WrongType, FrequencyConverter::NAME, "link", range, "another model", hint));
        }
    }
    Ok(model)
}

fn convert(channel: &Channel, station: f64, source: &mut PerSide, detector: &mut Detector, converters: [&FrequencyConverter; 2]) {
    let [a, b] = converters;
    *source = PerSide { a: source.a * a.efficiency.0, b: source.b * b.efficiency.0 };
    let arms = Crossing::arms(channel, station);
    let arriving: f64 = arms.iter().zip(converters).map(|(arm, c)| c.noise_photon_rate_hz.0 * arm.transmittance()).sum();
    *detector = with_background(detector, 0.5 * arriving);
}
