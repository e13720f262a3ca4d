//! Memory of dense states: asked for before it is touched, so that too large a register is an error and not a kill.

use ebit_bits::prefer_large_pages;
use num_complex::Complex64;

use crate::error::QuantumError;
use crate::operator::ZERO;

/// 2^bits amplitudes, all zero.
pub(crate) fn zeros(object: &'static str, qubits: usize, bits: usize) -> Result<Vec<Complex64>, QuantumError> {
    let bytes = 16u64 << bits;
    let refuse = || QuantumError::too_large(object, "qubits", qubits, u128::from(bytes), "StabilizerState takes n^2 / 2 bytes");
    if bytes >= 64 << 20
        && let Some(free) = available()
        && bytes > free
    {
        return Err(refuse());
    }
    let mut data = Vec::new();
    data.try_reserve_exact(1 << bits).map_err(|_| refuse())?;
    prefer_large_pages(data.spare_capacity_mut());
    data.resize(1 << bits, ZERO);
    Ok(data)
}

/// Bytes that can be taken without swapping, where the system tells.
fn available() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kib| kib << 10)
}
