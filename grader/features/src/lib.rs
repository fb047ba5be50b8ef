//! Nothing but a manifest; see there.
