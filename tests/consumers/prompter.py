# SPDX-License-Identifier: LGPL-2.1-or-later
"""The desktop's PIN prompt, and somebody in front of it who knows the PINs."""

import threading

from private_peer import PrivatePeer


class Prompter:
    """Context manager: digisignd's default agent. `pins` by role; `asked` has the details of every question."""

    def __init__(self, rig, pins):
        self.asked = []
        self._pins = pins
        self._peer = PrivatePeer(rig)
        self._thread = threading.Thread(target=self._answer, daemon=True)

    def __enter__(self):
        self._peer.__enter__()
        self._peer.register(default=True)
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._peer.requests.put(None)
        self._thread.join()
        self._peer.hang_up()

    def _answer(self):
        while (question := self._peer.requests.get()) is not None:
            self.asked.append(question.details)
            # Somebody whose PIN is refused has no other.
            if question.member == "RequestPin" and "problem" not in question.details:
                self._peer.answer(question, self._pins[question.details["role"]])
            else:
                self._peer.decline(question)
