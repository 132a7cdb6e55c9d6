using System.Collections.Immutable;

namespace Raywright.Engine.Python;

/// <summary>What <c>raywright_runtime.install</c> is told.</summary>
/// <param name="Place">The virtual environment to make.</param>
/// <param name="Scratch">A folder for what lies in between.</param>
/// <param name="Uv">The program, where there is one.</param>
/// <param name="File">The model's requirements file.</param>
/// <param name="Shown">Requirements that the artifact itself shows.</param>
/// <param name="Links">A folder of wheels.</param>
/// <param name="Hidden">Folders that no package may read while it is installed.</param>
internal sealed record InstallOrder(string Place, string Scratch, string? Uv, string? File, ImmutableArray<string> Shown, string? Links, ImmutableArray<string> Hidden);

/// <summary>What it answers: <c>plan</c>, then <c>made</c> or <c>failed</c>.</summary>
internal sealed record InstallEvent(string Event, string? Detail = null, ImmutableArray<PlannedPackage> Packages = default);

/// <param name="Bytes">Of what is fetched; null where nobody says.</param>
internal sealed record PlannedPackage(string Name, string Version, long? Bytes);

/// <summary>A requirement that an interpreter does not meet.</summary>
/// <param name="Found">The version that is installed instead.</param>
/// <param name="Shown">Whether the artifact shows it, and no person wrote it.</param>
internal sealed record UnmetRequirement(string Requirement, string? Found, bool Shown)
{
    public override string ToString() => Found is null ? Requirement : $"{Requirement} ({Found} is installed)";
}

/// <summary>What lies in a complete environment.</summary>
internal sealed record InstalledEnvironment(long Bytes, double Seconds);
