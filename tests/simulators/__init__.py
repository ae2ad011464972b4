"""One faithful HTTP simulator a provider: stricter than the vendor, with real media, faults on demand and a ledger.

Each module has `simulator() -> Simulator`. Alone: `python -m tests.simulators kling --port 8101`."""
