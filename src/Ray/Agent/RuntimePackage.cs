using System.Collections.Immutable;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Raywright.Core.Api;
using Raywright.Ray.Configuration;

namespace Raywright.Ray.Agent;

/// <summary>What of ours a cluster needs: the source of the agent, and the runtime as one zip that Python imports from.</summary>
public sealed class RuntimePackage
{
    private static readonly DateTimeOffset OneTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>In the order in which they need each other.</summary>
    private static readonly string[] AgentFiles = ["node_files.py", "node_types.py", "spares.py", "agent.py"];

    private RuntimePackage(byte[] zip, ImmutableArray<PackageFile> files, byte[] agent) =>
        (Zip, Files, Digest, AgentSource, AgentVersion) = (zip, files, Convert.ToHexStringLower(SHA256.HashData(zip)), agent, Convert.ToHexStringLower(SHA256.HashData(agent))[..12]);

    public byte[] Zip { get; }

    /// <summary>The same, a file at a time.</summary>
    public ImmutableArray<PackageFile> Files { get; }

    /// <summary>Lower-case hex SHA-256 of <see cref="Zip"/>.</summary>
    public string Digest { get; }

    /// <summary>Python, UTF-8.</summary>
    public byte[] AgentSource { get; }

    public string AgentVersion { get; }

    /// <summary>The same files give the same bytes.</summary>
    /// <param name="folder">The one that holds <c>raywright_runtime</c>.</param>
    public static RuntimePackage Read(string folder)
    {
        using MemoryStream zip = new();
        ImmutableArray<PackageFile>.Builder files = ImmutableArray.CreateBuilder<PackageFile>();
        using (ZipArchive archive = new(zip, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (string path in Paths(folder))
            {
                byte[] content = File.ReadAllBytes(Path.Combine(folder, path));
                files.Add(new(new FileReference(path, content.Length, Convert.ToHexStringLower(SHA256.HashData(content))), () => new MemoryStream(content, writable: false)));
                ZipArchiveEntry entry = archive.CreateEntry(path, CompressionLevel.Optimal);
                entry.LastWriteTime = OneTime;
                using Stream into = entry.Open();
                into.Write(content);
            }
        }
        return new(zip.ToArray(), files.ToImmutable(), AgentText(Path.Combine(folder, "raywright_runtime", "ray")));
    }

    /// <summary>One text of several files: where it runs there is no package that they could import each other from.</summary>
    private static byte[] AgentText(string folder) => Encoding.UTF8.GetBytes(string.Join('\n', AgentFiles.SelectMany((file, place) => File.ReadAllLines(Path.Combine(folder, file))
        .Where(line => !line.StartsWith("from .", StringComparison.Ordinal) && (place == 0 || !line.StartsWith("from __future__ ", StringComparison.Ordinal))))) + "\n");

    private static ImmutableArray<string> Paths(string folder) =>
    [
        .. Directory.EnumerateFiles(Path.Combine(folder, "raywright_runtime"), "*.py", SearchOption.AllDirectories)
            .Select(path => Path.GetRelativePath(folder, path).Replace('\\', '/')).Order(StringComparer.Ordinal),
    ];
}
