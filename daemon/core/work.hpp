// SPDX-License-Identifier: LGPL-2.1-or-later
// The kinds of jobs, each a sequence of steps; one file per kind.

#pragma once

#include "daemon/core/steps.hpp"

namespace digisign::core {

Task<JobResult> verify_pin(Steps& steps, VerifyPinWork work);
Task<JobResult> sign(Steps& steps, SignWork work);
Task<JobResult> decrypt(Steps& steps, DecryptWork work);
Task<JobResult> derive(Steps& steps, DeriveWork work);
Task<JobResult> set_pin(Steps& steps, SetPinWork work);
Task<JobResult> activate(Steps& steps);

} // namespace digisign::core
