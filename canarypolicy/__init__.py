"""
Rollout policies as code: validated, evaluated and replayed on recorded metrics.

No evidence, no advance; and no lack of evidence ever cancels a rollback.
"""

__version__ = "0.1.0"
