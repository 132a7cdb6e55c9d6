namespace Raywright.Core.Errors;

/// <summary>RW41: Ray clusters.</summary>
public static partial class Catalogue
{
    public static readonly ErrorDefinition RayVariable = new(
        "RW4101", "Ray would change the value of a variable",
        "Ray replaces `$NAME` and `${NAME}` in environment variables of replicas, and there is no way to write a `$` that it leaves alone.",
        "Write the value without `$` before a letter, a digit, `_` or `{`, or put it into a file of the version.");

    public static readonly ErrorDefinition RayRequirement = new(
        "RW4102", "A requirement that a cluster cannot install",
        "Nodes of a Ray cluster install requirements from an index; a line that names a file, or other requirements, has nothing to read there.",
        "Name packages and versions, or addresses that each node can reach.");
}
