// SPDX-License-Identifier: LGPL-2.1-or-later
// Every name that crosses a process border: bus names, object paths, interfaces.

#pragma once

namespace digisign::names {

inline constexpr char daemon_bus[] = "org.digisign.DigiSign1";
inline constexpr char daemon_root[] = "/org/digisign/DigiSign1";
inline constexpr char manager_interface[] = "org.digisign.DigiSign1.Manager";
inline constexpr char reader_interface[] = "org.digisign.DigiSign1.Reader";
inline constexpr char token_interface[] = "org.digisign.DigiSign1.Token";
inline constexpr char pin_interface[] = "org.digisign.DigiSign1.Pin";
inline constexpr char key_interface[] = "org.digisign.DigiSign1.Key";
inline constexpr char certificate_interface[] = "org.digisign.DigiSign1.Certificate";
inline constexpr char job_interface[] = "org.digisign.DigiSign1.Job";

// Private socket only.
inline constexpr char agent_manager_interface[] = "org.digisign.DigiSign1.AgentManager";
inline constexpr char cryptoki_interface[] = "org.digisign.DigiSign1.Cryptoki";
inline constexpr char agent_interface[] = "org.digisign.DigiSign1.Agent";
inline constexpr char agent_path[] = "/org/digisign/DigiSign1/agent";

inline constexpr char documents_bus[] = "org.digisign.Documents1";
inline constexpr char documents_root[] = "/org/digisign/Documents1";
inline constexpr char documents_interface[] = "org.digisign.Documents1";

// Under the runtime directory of the user, see runtime_dir.hpp.
inline constexpr char private_socket[] = "digisign/private";

} // namespace digisign::names
