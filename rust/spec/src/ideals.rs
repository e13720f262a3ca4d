//! Which values of a link model are ideal ones, in words: results list them as assumptions.

use crate::channel::Channel;
use crate::link::LinkModel;
use crate::midpoint_source::MemoryKind;

const INDISTINGUISHABLE: &str = "photons are indistinguishable (visibility 1)";
const LOSSLESS_SOURCES: &str = "sources lose nothing (source_efficiency 1)";
const LOSSLESS_MEMORIES: &str = "memories lose nothing (memory_efficiency 1)";
const PERFECT_PAIRS: &str = "the source's pairs are perfect (pair_fidelity 1)";
const PERFECT_EMISSION: &str = "emission is perfect (emission_fidelity 1)";
const ONE_PHOTON: &str = "emitters emit one photon (double_excitation_probability 0)";

impl LinkModel {
    /// Every ideal value in force.
    pub fn ideals(&self) -> Vec<&'static str> {
        let (detector, own) = match self {
            Self::HeraldedLink(m) => (None, vec![(m.pair[0].0 == 1.0, "heralded pairs are perfect (pair = Phi+)")]),
            Self::DoubleClick(m) => {
                let own = vec![
                    (m.visibility.0 == 1.0, INDISTINGUISHABLE),
                    (m.source_efficiency.is_any(1.0), LOSSLESS_SOURCES),
                    (m.emission_fidelity.0 == 1.0, PERFECT_EMISSION),
                    (m.double_excitation_probability.0 == 0.0, ONE_PHOTON),
                ];
                (Some(&m.detector), own)
            }
            Self::SingleClick(m) => {
                let own = vec![
                    (m.visibility.0 == 1.0, INDISTINGUISHABLE),
                    (m.source_efficiency.is_any(1.0), LOSSLESS_SOURCES),
                    (m.phase_std_rad.0 == 0.0, "the optical phase is stable (phase_std_rad 0)"),
                    (m.double_excitation_probability.0 == 0.0, ONE_PHOTON),
                ];
                (Some(&m.detector), own)
            }
            Self::MidpointSource(m) => {
                let interferes = m.memory == MemoryKind::Emissive;
                let own = vec![
                    (interferes && m.visibility.0 == 1.0, INDISTINGUISHABLE),
                    (m.source_efficiency.is_any(1.0), LOSSLESS_SOURCES),
                    (m.memory_efficiency.is_any(1.0), LOSSLESS_MEMORIES),
                    (m.pair_fidelity.0 == 1.0, PERFECT_PAIRS),
                ];
                (Some(&m.detector), own)
            }
            Self::SenderReceiver(m) => {
                let own = vec![
                    (m.source_efficiency.0 == 1.0 && m.source.is_none(), LOSSLESS_SOURCES),
                    (m.memory_efficiency.0 == 1.0, LOSSLESS_MEMORIES),
                    (m.emission_fidelity.0 == 1.0, PERFECT_EMISSION),
                    (m.double_excitation_probability.0 == 0.0 && m.source.is_none(), ONE_PHOTON),
                ];
                (Some(&m.detector), own)
            }
        };
        let seen = detector.map(|d| {
            [
                (d.efficiency.0 == 1.0, "detectors see every photon (efficiency 1)"),
                (d.dark_count_rate_hz.0 == 0.0, "detectors have no dark counts"),
            ]
        });
        let mut beams = Vec::new();
        if let Some(channel) = self.channel() {
            note_beams(channel, &mut beams);
        }
        own.into_iter().chain(seen.into_iter().flatten()).chain(beams).filter_map(|(yes, words)| yes.then_some(words)).collect()
    }
}

/// What is ideal about beams.
fn note_beams(channel: &Channel, out: &mut Vec<(bool, &'static str)>) {
    let jitter = match channel {
        Channel::Fiber(_) => return,
        Channel::Arms(arms) => {
            note_beams(&arms.a, out);
            note_beams(&arms.b, out);
            return;
        }
        Channel::FreeSpace(c) => c.pointing_jitter_rad.0,
        Channel::SatelliteDownlink(c) => {
            out.push((c.zenith_transmittance.0 == 1.0, "there is no atmosphere (zenith_transmittance 1)"));
            out.push((true, "satellites stand still, under a clear sky"));
            c.pointing_jitter_rad.0
        }
    };
    out.push((true, "beams meet no turbulence"));
    out.push((jitter == 0.0, "beams are pointed perfectly (pointing_jitter_rad 0)"));
}
