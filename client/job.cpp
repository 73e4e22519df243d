// SPDX-License-Identifier: LGPL-2.1-or-later

#include "client/job.hpp"

#include "common/names.hpp"

#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

namespace digisign::client {

namespace {

/// How long a service may take to confirm a cancellation; it answers at once unless it hangs.
constexpr std::chrono::seconds cancel_timeout{2};

constexpr char properties_interface[] = "org.freedesktop.DBus.Properties";

constexpr char bus_name[] = "org.freedesktop.DBus"; ///< of the bus itself, which nobody else can take

/// Collects how jobs end from before the call on, when the path of the job is not known yet. Any program of
/// the user can send us signals, so it matters from whom they are.
class JobEnds {
public:
    JobEnds(Connection& session, const std::string& service) {
        finished_ = session.subscribe(
            std::string("type='signal',interface='") + names::job_interface + "',member='Finished'",
            [this](Message& signal) {
                signals_.insert_or_assign({signal.sender(), signal.path()}, signal.shared());
            });
        owner_ = session.subscribe(std::string("type='signal',sender='") + bus_name + "',interface='" +
                                       bus_name + "',member='NameOwnerChanged',arg0='" + service + "'",
                                   [this](Message& signal) {
                                       if (signal.sender() != bus_name)
                                           return;
                                       (void)signal.read_string(); // the name, which the rule selected
                                       lost_owners_.insert(signal.read_string());
                                   });
    }
    JobEnds(const JobEnds&) = delete;
    JobEnds& operator=(const JobEnds&) = delete;

    /// The Finished signal that the owner of the service sent for the job; null if it has not come.
    Message* finished(const std::string& owner, const std::string& job) {
        const auto found = signals_.find({owner, job});
        return found != signals_.end() ? &found->second : nullptr;
    }

    bool lost(const std::string& owner) const { return lost_owners_.contains(owner); }

private:
    std::map<std::pair<std::string, std::string>, Message> signals_; ///< by sender and path
    std::set<std::string> lost_owners_;
    Connection::Subscription finished_;
    Connection::Subscription owner_;
};

/// The properties of one job, as they change.
class JobProperties {
public:
    JobProperties(Connection& session, const std::string& owner, const std::string& job) {
        changed_ = session.subscribe("type='signal',sender='" + owner + "',path='" + job + "',interface='" +
                                         properties_interface + "',member='PropertiesChanged'",
                                     [this](Message& signal) {
                                         (void)signal.read_string(); // a job has one interface
                                         for (auto& [name, value] : signal.read_dictionary())
                                             properties_.insert_or_assign(name, std::move(value));
                                     });
        Message request = session.new_call(owner.c_str(), job, properties_interface, "GetAll");
        request.append(names::job_interface);
        if (Message reply = session.try_call(request))
            properties_ = reply.read_dictionary();
        // Else it has ended already, and Finished says how.
    }
    JobProperties(const JobProperties&) = delete;
    JobProperties& operator=(const JobProperties&) = delete;

    const Dictionary& values() const { return properties_; }

private:
    Dictionary properties_;
    Connection::Subscription changed_;
};

JobWait wait_from_name(std::string_view name) {
    for (const auto& [word, wait] :
         {std::pair("pin", JobWait::Pin), std::pair("pinpad", JobWait::PinPad),
          std::pair("consent", JobWait::Consent), std::pair("card", JobWait::Card)})
        if (name == word)
            return wait;
    return JobWait::None;
}

JobStatus status_from(const Dictionary& properties) {
    JobStatus status;
    status.queued = value_or<std::string>(properties, "State", "") == "queued";
    status.waiting_for = wait_from_name(value_or<std::string>(properties, "WaitingFor", ""));
    status.progress = value_or<double>(properties, "Progress", -1);
    return status;
}

Error error_from(const Dictionary& results) {
    const ErrorCode code = error_code_from_dbus(value_or<std::string>(results, "error", ""));
    return {code, value_or<std::string>(results, "message", "the service gives no reason")};
}

} // namespace

Dictionary run_job(Connection& session, JobCall call) {
    JobEnds ends(session, call.service);
    Message reply = session.call(call.request);
    const std::string job = reply.read_path().text;
    const std::string owner = reply.sender();
    std::optional<JobProperties> properties;
    if (call.on_status)
        properties.emplace(session, owner, job);

    bool cancelling = false;
    std::optional<PollLoop::Watch> cancel_watch;
    const auto send_cancel = [&] {
        cancel_watch.reset(); // the descriptor stays readable
        cancelling = true;
        Message request = session.new_call(owner.c_str(), job, names::job_interface, "Cancel");
        (void)::sd_bus_message_set_expect_reply(request.get(), false); // cannot fail for a call not sent yet
        session.send(request);
    };
    if (call.cancel != nullptr)
        cancel_watch.emplace(session.loop(), call.cancel->descriptor(), send_cancel);

    JobStatus shown;
    const auto ended = [&] {
        if (properties)
            if (const JobStatus status = status_from(properties->values()); status != shown)
                call.on_status(shown = status);
        return ends.finished(owner, job) != nullptr || ends.lost(owner) || session.closed();
    };
    session.loop().run_until([&] { return ended() || cancelling; });
    if (cancelling && !session.loop().run_until(ended, Clock::now() + cancel_timeout))
        throw Error(ErrorCode::Cancelled, call.description + " was cancelled");

    Message* finished = ends.finished(owner, job);
    if (finished == nullptr)
        throw Error(ErrorCode::ServiceUnavailable,
                    std::string("the service ") + call.service + " stopped while " + call.description);
    const std::string outcome = finished->read_string();
    Dictionary results = finished->read_dictionary();
    if (outcome == "done")
        return results;
    if (outcome == "cancelled" && !results.contains("message"))
        throw Error(ErrorCode::Cancelled, call.description + " was cancelled");
    throw error_from(results);
}

} // namespace digisign::client
