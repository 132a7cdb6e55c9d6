using System.Text.Json;

namespace Raywright.Ray.Local;

/// <summary>
/// What <c>head.json</c> says about the head of a home. It is written before the head starts and completed afterwards, so that whoever
/// comes after a crash always knows what there is to end.
/// </summary>
/// <param name="Boot">Of the kernel: after a restart of the machine nothing of it runs any more.</param>
/// <param name="Folder">Of its own, with a short path.</param>
/// <param name="Ports">All that it was told to listen at.</param>
/// <param name="Environment">That it runs in.</param>
/// <param name="Settings">That it was started with.</param>
/// <param name="ProcessId">Of <c>ray start</c>; 0 until it has started. It is also the number of its session.</param>
/// <param name="Started">Ticks from boot to its start.</param>
/// <param name="Session">Ray's name for this life of the cluster; null until its dashboard has answered.</param>
internal sealed record HeadRecord(string Boot, string Folder, HeadPorts Ports, RayEnvironment Environment, LocalHeadSettings Settings, int ProcessId, long Started, string? Session)
{
    /// <summary>Null where there is none, or none that can be read.</summary>
    public static HeadRecord? Read(HomeFiles home)
    {
        try
        {
            HeadRecord? record = File.Exists(home.Record) ? JsonSerializer.Deserialize(File.ReadAllText(home.Record), LocalJson.Default.HeadRecord) : null;
            // Its folder is removed in the end: only one that we can have made.
            return record is not null && HeadFolder.IsOne(record.Folder) ? record : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public void Write(HomeFiles home) => HomeFiles.WritePrivate(home.Record, JsonSerializer.Serialize(this, LocalJson.Default.HeadRecord));
}
