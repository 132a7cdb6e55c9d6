using Raywright.Core.Errors;

namespace Raywright.Ray.Local;

/// <summary>A Python environment that has <c>ray[serve]</c>.</summary>
/// <param name="Folder">The environment's, with <c>bin</c> in it.</param>
/// <param name="Python">Its interpreter.</param>
/// <param name="RayVersion">Such as <c>2.60.0</c>.</param>
/// <param name="PythonVersion">Three numbers. Models run in it, whatever Python they were saved with.</param>
public sealed record RayEnvironment(string Folder, string Python, string RayVersion, string PythonVersion)
{
    /// <summary>What is installed where nobody has Ray.</summary>
    public const string InstalledVersion = "2.60.0";

    /// <summary>
    /// Looks in <paramref name="folder"/> alone where it is given; else in <c>VIRTUAL_ENV</c>, <c>CONDA_PREFIX</c>, at the <c>python3</c>
    /// of the PATH, and at the environment that <see cref="MakeAsync"/> makes.
    /// </summary>
    /// <param name="folder">An environment that somebody named.</param>
    /// <param name="home">The home of the server.</param>
    /// <returns>The first that has Ray; else a problem that says of each what is missing.</returns>
    public static Task<Result<RayEnvironment>> FindAsync(string? folder, string home, CancellationToken cancellation) =>
        EnvironmentSearch.FindAsync(folder, home, RayVariables.OfThisProcess(), cancellation);

    /// <summary>Makes <c>ray/venv</c> of the home, with uv where it is there, or gives the one that was made before.</summary>
    /// <param name="home">The home of the server.</param>
    /// <param name="tell">Hears what the installer says, a line each.</param>
    /// <param name="clock">For the wait for another process that makes the same.</param>
    public static Task<Result<RayEnvironment>> MakeAsync(string home, Action<string> tell, TimeProvider clock, CancellationToken cancellation) =>
        new EnvironmentMaker(home, RayVariables.OfThisProcess(), tell, clock).MakeAsync(cancellation);
}
