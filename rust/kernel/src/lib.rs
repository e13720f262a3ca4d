//! Time, event queue, run control and trace of the discrete-event engine.
#![forbid(unsafe_code)]
