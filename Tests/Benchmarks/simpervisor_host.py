"""A supervisor made of simpervisor: simpervisor_host.py SERVICE STAMPS LIFE COUNT MODE

The library has no daemon of its own, no limit for a stop and no way to ask for a state. This gives it the limit: on SIGTERM
all services are terminated at once, and those that live after a second are killed.
"""

import asyncio
import signal
import sys

from simpervisor import SupervisedProcess


async def main():
    service, stamps, life, count, mode = sys.argv[1:6]
    processes = [
        SupervisedProcess(f"s{index}", service, stamps, life, str(index), mode, always_restart=True)
        for index in range(int(count))
    ]
    stop = asyncio.Event()
    for process in processes:
        await process.start()
    # After the first start: the library has set handlers of its own by then.
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    ends = [asyncio.ensure_future(process.terminate()) for process in processes]
    await asyncio.wait(ends, timeout=1)
    for process in processes:
        if process.running:
            process.proc.send_signal(signal.SIGKILL)
    await asyncio.wait(ends)


asyncio.run(main())
