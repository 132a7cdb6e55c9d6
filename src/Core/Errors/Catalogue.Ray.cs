namespace Raywright.Core.Errors;

/// <summary>RW41: Ray clusters.</summary>
public static partial class Catalogue
{
    public static readonly ErrorDefinition RayMissing = new(
        "RW4130", "There is no Python with Ray",
        "Local Ray needs a Python environment that has `ray[serve]` 2.54 or later; none of those looked at has it.",
        "Activate an environment that has it, name its folder, or let one be made.", HttpStatus: 503, Exit: ExitCode.NotFound);

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
