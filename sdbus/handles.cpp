// SPDX-License-Identifier: LGPL-2.1-or-later

#include "sdbus/handles.hpp"

namespace digisign::sdbus {

int set_error_from_exception(sd_bus_error* error) noexcept {
    try {
        throw;
    } catch (const Error& fault) {
        return sd_bus_error_set(error, error_dbus_name(fault.code()).c_str(), fault.what());
    } catch (const std::exception& fault) {
        return sd_bus_error_set(error, error_dbus_name(ErrorCode::Internal).c_str(), fault.what());
    } catch (...) {
        return sd_bus_error_set(error, error_dbus_name(ErrorCode::Internal).c_str(), "unknown fault");
    }
}

} // namespace digisign::sdbus
