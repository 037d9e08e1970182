//! `timings dora` as it is typed.

use super::Help;

pub(super) const NAME: &str = "dora";

pub(super) const HELP: Help = Help {
    name: NAME,
    about: "Show how often deployments happen and fail, and how soon that is made good",
    details: "Three of the DORA metrics, of rows of the phase deploy-persistent (or \
        of --phase), for each environment and a window (--since to --until; the last 30 days \
        unless given):\n\n\
        - deployment frequency: deployments that exited with 0, per day and per week;\n\
        - change failure rate: failed deployments of all that succeeded or failed;\n\
        - failed deployment recovery time (its name since 2023): from the end of a failed \
        deployment to the end of the next successful one. Failures that follow each other are \
        one incident, which counts from the first of them. The median is of incidents that \
        began in the window and are over; one that is not over is shown with its age.\n\n\
        A deployment that a person cancelled is counted apart: it says nothing of the change. One \
        that was killed has failed. A deployment that went well and harmed the service is not \
        known here.",
    examples: &["--env dev", "--env dev --since 90d", "--phase apply-persistent --format json"],
    last: "Only the newest N deployments of each environment; there is no frequency then",
};
