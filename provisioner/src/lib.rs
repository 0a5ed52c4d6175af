//! Deploys the Wild Rydes backend.
