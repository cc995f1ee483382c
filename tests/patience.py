"""How long property tests may take: as long as a busy machine needs."""

from hypothesis import HealthCheck, settings

#: For `@PATIENT`, or `@settings(PATIENT, max_examples=...)`.
PATIENT = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
