//! What a scenario does to the cluster itself.

use crate::core::Core;

impl Core {}
