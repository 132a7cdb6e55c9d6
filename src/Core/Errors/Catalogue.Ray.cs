namespace Raywright.Core.Errors;

/// <summary>RW41: Ray clusters.</summary>
public static partial class Catalogue
{
    public static readonly ErrorDefinition RayUnreachable = new(
        "RW4110", "The Ray dashboard cannot be reached",
        "Nothing listens at the address, its name is unknown, a firewall or proxy is in between, or its certificate is not trusted. The message says which.",
        "Check the address of the compute; `curl URL/api/version` from the server's machine should answer. A head that is just starting answers after some seconds.", HttpStatus: 503, Retryable: true);

    public static readonly ErrorDefinition RayTooSlow = new(
        "RW4111", "The Ray dashboard does not answer in time",
        "A connection came about, and no whole answer arrived before the deadline: the head is overloaded or hangs. What was asked for may have been done.",
        "Look at the processor and memory of the head; restart it where the dashboard stays silent.", HttpStatus: 504, Retryable: true);

    public static readonly ErrorDefinition RayTokenMissing = new(
        "RW4112", "The Ray cluster wants a token",
        "The cluster runs with token authentication, and the compute has no token.",
        "Give the compute the token; `ray get-auth-token` on the head prints it.", HttpStatus: 502);

    public static readonly ErrorDefinition RayTokenWrong = new(
        "RW4113", "The Ray cluster refuses the token",
        "The token of the compute is not the one of the cluster, or a proxy in front of the dashboard put an Authorization header of its own in its place.",
        "Compare it with what `ray get-auth-token` on the head prints.", HttpStatus: 502);

    public static readonly ErrorDefinition RayMethodRefused = new(
        "RW4114", "The Ray dashboard refuses the method",
        "The dashboard lets browsers only read, and took the request for a browser's: a proxy or a configured header added Origin, Referer, Sec-Fetch-… or a User-Agent that begins with Mozilla.",
        "Remove such headers from the compute, and from the proxy in front of the dashboard.", HttpStatus: 502);

    public static readonly ErrorDefinition RayNotRay = new(
        "RW4115", "What answers is not a Ray dashboard",
        "The address leads to another program, to the Serve port (usually 8000) or to a sign-in page, and not to the dashboard (usually 8265).",
        "Correct the address of the compute.", HttpStatus: 502);

    public static readonly ErrorDefinition RayConfigRefused = new(
        "RW4116", "Ray refused the configuration",
        "Ray checked the whole configuration before it began, found a fault and changed nothing.",
        "The message names the place and what Ray expects there.", HttpStatus: 422);

    public static readonly ErrorDefinition RayConfigHalfApplied = new(
        "RW4117", "Ray applied the configuration in part",
        "Ray's controller stopped in the middle: what stands before the fault is applied, what is behind it and what was to be removed is not.",
        "Correct what the message names and apply again: a whole configuration repairs it.", HttpStatus: 502);

    public static readonly ErrorDefinition RayDeploymentUnknown = new(
        "RW4118", "Ray does not know what is to be scaled",
        "There is no such application or deployment, or it is still being built.",
        "Wait until the application is built, or apply it again.", HttpStatus: 404, Exit: ExitCode.NotFound, Retryable: true);

    public static readonly ErrorDefinition RayScalingRefused = new(
        "RW4119", "Ray does not scale this application",
        "The application was deployed without `external_scaler_enabled`, or it is being deleted.",
        "Deploy the revision again; Raywright switches the setting on for what it deploys itself.", HttpStatus: 409);

    public static readonly ErrorDefinition RayPackageTooLarge = new(
        "RW4120", "The package is too large for Ray",
        "Ray takes packages of at most 100 MiB through its dashboard.",
        "Keep large files out of `runtime.code`; artifacts travel another way and may be larger.", HttpStatus: 413);

    public static readonly ErrorDefinition RayControllerUnavailable = new(
        "RW4121", "Ray Serve's controller does not answer",
        "Serve was never started on the cluster, was shut down, or its controller is being restarted.",
        "Try again in a moment; if it stays, look at `controller_*.log` of the head.", HttpStatus: 503, Retryable: true);

    public static readonly ErrorDefinition RayFailed = new(
        "RW4122", "Ray failed",
        "The dashboard answered with an exception; its last line stands in the message.",
        "The dashboard's log on the head has the whole trace.", HttpStatus: 502, Retryable: true);

    public static readonly ErrorDefinition RayTooOld = new(
        "RW4123", "The Ray of the cluster is too old",
        "Raywright needs Ray 2.54 or later: earlier ones lack parts of the interface that it uses.",
        "Update Ray on the cluster.", HttpStatus: 422);

    public static readonly ErrorDefinition RayJobUnknown = new(
        "RW4124", "Ray does not know the job",
        "It was deleted, belongs to another cluster, or the head was restarted since.",
        "Submit it again.", HttpStatus: 404, Exit: ExitCode.NotFound);

    public static readonly ErrorDefinition RayRequestRefused = new(
        "RW4125", "Ray does not take the request",
        "The dashboard found a fault in the request; its own words stand in the message.",
        "Compare the version of Ray with those that Raywright was tested with.", HttpStatus: 502);

    public static readonly ErrorDefinition RayServeMissing = new(
        "RW4126", "The cluster has no Ray Serve",
        "Ray was installed on the head without its Serve part.",
        "Install `ray[serve]` on every node and restart the cluster.", HttpStatus: 422);

    public static readonly ErrorDefinition RayListShared = new(
        "RW4127", "Others write the list of applications",
        "Jobs are not allowed on the cluster, so that applications are declared: one list holds those of everybody, and whoever sends a list replaces it as a whole. Somebody else has applications in it, and what is sent at the same time would be lost.",
        "Allow jobs there, let one side alone write, or accept it: `raywright compute add NAME … --share-list`.", HttpStatus: 409);

    public static readonly ErrorDefinition RayListDiffers = new(
        "RW4128", "The list of applications is not what was sent",
        "Somebody else sent a list at the same time, or this version of Ray left something out or says something that is not known here. The message says which.",
        "Nothing where it was another's list: it is tried again. Else compare the version of Ray with those that Raywright was tested with.", HttpStatus: 502, Retryable: true);

    public static readonly ErrorDefinition RayJobsRefused = new(
        "RW4129", "The cluster takes no jobs",
        "What stands in front of the dashboard does not let jobs through. Raywright's agent is put into a cluster by one.",
        "Allow `POST /api/jobs/`, or remove the compute and add it again: applications are then declared, and asked through Serve's proxy.", HttpStatus: 502);

    public static readonly ErrorDefinition RayVariable = new(
        "RW4101", "Ray would change the value of a variable",
        "Ray replaces `$NAME` and `${NAME}` in environment variables of replicas, and there is no way to write a `$` that it leaves alone.",
        "Write the value without `$` before a letter, a digit, `_` or `{`, or put it into a file of the version.");

    public static readonly ErrorDefinition RayMissing = new(
        "RW4130", "There is no Python with Ray",
        "Local Ray needs a Python environment that has `ray[serve]` 2.54 or later; none of those looked at has it.",
        "Name the folder of an environment that has it with `--python`, let one be made with `--install`, or activate one before the server starts.", HttpStatus: 503, Exit: ExitCode.NotFound);

    public static readonly ErrorDefinition RayInstallFailed = new(
        "RW4131", "Ray cannot be installed",
        "A virtual environment with `ray[serve]` could not be made: there is no Python for it, the package index cannot be reached or has no package for this Python, or the disk is full.",
        "The message has the installer's last words. `PIP_INDEX_URL`, `PIP_FIND_LINKS` and proxies of the environment are used.", HttpStatus: 503);

    public static readonly ErrorDefinition LocalRayUnsupported = new(
        "RW4132", "Local Ray runs on Linux alone",
        "Processes are started, recognised and ended by means that only Linux has.",
        "Use the embedded engine here, or a Ray cluster elsewhere.", HttpStatus: 501);

    public static readonly ErrorDefinition LocalHeadDied = new(
        "RW4133", "Local Ray ended while it started",
        "The process of `ray start` ended before its dashboard answered.",
        "The message has the last lines of its log; the log itself lies in the home, in `ray/head.log`.", HttpStatus: 503, Retryable: true);

    public static readonly ErrorDefinition LocalHeadSilent = new(
        "RW4134", "Local Ray does not answer",
        "The process of `ray start` runs, and its dashboard did not answer in time. It was ended.",
        "See whether the machine has processor time and 2 GiB of memory to spare, then try again.", HttpStatus: 503, Retryable: true);

    public static readonly ErrorDefinition LocalHeadPorts = new(
        "RW4135", "Local Ray finds no free ports",
        "Other programs took ports between their choice and their use, several times in a row.",
        "Try again; if it stays, look for a program that takes ports of 127.0.0.1 without end.", HttpStatus: 503, Retryable: true);

    public static readonly ErrorDefinition LocalHeadFolder = new(
        "RW4136", "Local Ray has no folder to write",
        "The head needs a folder with a short path, in `/tmp` or `/var/tmp`, and one in the home. One of them cannot be written, or the disk is full.",
        "Make room, or let this user write there.", HttpStatus: 503);

    public static readonly ErrorDefinition LocalHeadExposed = new(
        "RW4137", "Local Ray listened beyond this machine",
        "A process of the head opened a port that other machines can reach. Whoever reaches one can run code, so the head was ended.",
        "Use Ray 2.60, with which this does not happen, and report it with the version that the message names.", HttpStatus: 503);

    public static readonly ErrorDefinition LocalHeadStays = new(
        "RW4138", "An earlier head of local Ray does not end",
        "Its processes are still there although they were told to end and then killed; the kernel may be waiting for a disk or a GPU.",
        "Look at the processes that the message names; when they are gone, try again.", HttpStatus: 503, Retryable: true);
}
