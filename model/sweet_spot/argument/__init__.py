"""What is argued: latents with their priors and reasons, the equations, what may be asked about."""
