"""Removes the evidence that is being written. Verdict: failed or a fault of the disk, said as what it is."""
import shutil
shutil.rmtree(".kafkacourse/evidence", ignore_errors=True)
