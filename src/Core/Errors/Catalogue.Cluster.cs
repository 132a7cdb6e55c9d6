namespace Raywright.Core.Errors;

/// <summary>RW414 and RW415: what runs for us in a Ray cluster; RW416: computes.</summary>
public static partial class Catalogue
{
    public static readonly ErrorDefinition AgentNotInstalled = new(
        "RW4140", "The agent could not be installed",
        "Raywright puts a small application of its own into the cluster by a job; the job failed or the application did not start.",
        "The message has the job's last words. Look whether jobs may be submitted there, and whether the cluster's Python has `ray[serve]`.", HttpStatus: 502, Retryable: true);

    public static readonly ErrorDefinition AgentUnreachable = new(
        "RW4141", "The agent in the cluster does not answer",
        "Serve's port cannot be reached, or nothing of ours answers behind it.",
        "Check the address of Serve with `raywright compute check NAME`; the agent is installed again when it is gone.", HttpStatus: 502, Retryable: true);

    public static readonly ErrorDefinition AgentRefused = new(
        "RW4142", "The agent has another token",
        "Another installation of Raywright uses the same name in this cluster, or this one has lost its database.",
        "Remove the compute and add it again: it then gets a name of its own there.", HttpStatus: 502);

    public static readonly ErrorDefinition AgentFailed = new(
        "RW4143", "The cluster did not take the revision",
        "Ray Serve refused what the agent was asked to deploy.",
        "The message has Ray's words.", HttpStatus: 502);

    public static readonly ErrorDefinition AgentFilesMissing = new(
        "RW4144", "Files are missing in the cluster",
        "The agent was started again on another node and has not got the files of the version back yet.",
        "Nothing: they are sent again.", HttpStatus: 502, Retryable: true);

    public static readonly ErrorDefinition ClusterPackages = new(
        "RW4145", "The cluster cannot get a package",
        "The cluster's Python lacks a package that the model needs, and pip there cannot install it.",
        "Give the cluster's nodes access to the package index, put wheels beside the model (`runtime.wheels`), or use an image that has the package.", HttpStatus: 422);

    public static readonly ErrorDefinition ClusterResources = new(
        "RW4146", "No node of the cluster is large enough",
        "A replica runs on one node, which has to have all that the replica asks for.",
        "Ask for less in `resources`, or add a node or a node type that has as much.", HttpStatus: 422);

    public static readonly ErrorDefinition ReplicaNotLoaded = new(
        "RW4147", "The model cannot be loaded in the cluster",
        "A replica was started and its model raised an exception while it was loaded.",
        "The message names the line. The model was loaded here before, so look for what differs there: Python, packages, files outside of the model's folder.", HttpStatus: 422);

    public static readonly ErrorDefinition ClusterUnhealthy = new(
        "RW4148", "The revision is unwell in the cluster",
        "Ray Serve says that replicas do not start or fail their health checks.",
        "The message has what Ray says; `raywright logs` has the replica's own words.", HttpStatus: 502);

    public static readonly ErrorDefinition ClusterPending = new(
        "RW4149", "The cluster has no room yet",
        "Replicas wait for processors, GPUs or memory that others hold or that nodes yet to come will have.",
        "Wait, stop something else, or let Ray's autoscaler add nodes.", HttpStatus: 503, Retryable: true);

    public static readonly ErrorDefinition ClusterNameTaken = new(
        "RW4150", "Somebody else's application has this name",
        "An application in the cluster is called like the revision but was not put there by this installation; it is left alone.",
        "Rename or delete that application, or deploy under another model name.", HttpStatus: 409);

    public static readonly ErrorDefinition ClusterPython = new(
        "RW4151", "The cluster's Python is another one",
        "The model asks for a version of Python that the cluster's nodes do not have.",
        "Change `runtime.python`, or use nodes with that version.", HttpStatus: 422);

    public static readonly ErrorDefinition ServeUnreachable = new(
        "RW4152", "Serve's proxy cannot be reached",
        "Replicas cannot be asked directly, and Serve's proxy does not answer or does not lead to them.",
        "Add the compute with the address at which the server reaches the proxy: `--serve http://HOST:PORT`.", HttpStatus: 502, Retryable: true);

    public static readonly ErrorDefinition ComputeUnknown = new(
        "RW4160", "No such compute",
        "A compute is `embedded`, or a Ray cluster that was added to this server.",
        "`raywright compute list` shows what there is; `raywright compute add` adds one.", HttpStatus: 404);

    public static readonly ErrorDefinition ComputeExists = new(
        "RW4161", "The compute exists already",
        "A compute keeps its address for as long as it lives.",
        "Choose another name, or remove the compute first.", HttpStatus: 409);

    public static readonly ErrorDefinition ComputeInUse = new(
        "RW4162", "The compute is in use",
        "An environment deploys to it.",
        "Give the environment another compute first: `raywright env set NAME --compute OTHER`, then deploy its models again.", HttpStatus: 409);
}
