using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;
using Raywright.Ray;
using Raywright.Ray.Agent;

namespace Raywright.Server.Computes;

/// <summary>A Ray cluster that replicas may run on. It holds what a cluster lets in: the database is as secret as the home it lies in.</summary>
internal sealed class ComputeRow
{
    public required string Name { get; init; }

    /// <summary>Whether this server starts and stops it.</summary>
    public required bool Local { get; init; }

    /// <summary>Null where it is local: the address is another after each start.</summary>
    public string? Dashboard { get; init; }

    public string? Serve { get; init; }

    public string? Token { get; init; }

    /// <summary>JSON, names to values.</summary>
    public string? Headers { get; init; }

    /// <summary>PEM.</summary>
    public string? Authority { get; init; }

    /// <summary>Folder of the Python environment of a local one.</summary>
    public string? Python { get; init; }

    /// <summary>What we are called there.</summary>
    public required string Installation { get; init; }

    /// <summary>Of which the tokens of agent and replicas are made.</summary>
    public required string Secret { get; init; }

    /// <summary>Whether applications are declared there: by wish, or since jobs were not allowed when it was added.</summary>
    public bool Declares { get; set; }

    /// <summary>Whether it was accepted that others declare applications too.</summary>
    public bool SharesList { get; init; }

    /// <summary>What the last check said of versions.</summary>
    public string? Software { get; set; }

    /// <summary>How the last check found that replicas are reached.</summary>
    public string? Mode { get; set; }

    public required long CreatedAt { get; init; }

    [JsonIgnore]
    public Installation Us => new(Installation, Secret);

    /// <summary>Null where it is local.</summary>
    public ClusterAddress? Address() => Dashboard is null ? null : new(
        new Uri(Dashboard), new Uri(Serve!), Token,
        Headers is null ? null : JsonSerializer.Deserialize(Headers, ComputeJson.Default.ImmutableSortedDictionaryStringString), Authority);

    internal sealed class Configuration : IEntityTypeConfiguration<ComputeRow>
    {
        public void Configure(EntityTypeBuilder<ComputeRow> builder)
        {
            builder.ToTable("computes");
            builder.HasKey(row => row.Name);
            builder.Ignore(row => row.Us);
        }
    }
}

[JsonSerializable(typeof(ImmutableSortedDictionary<string, string>))]
[JsonSerializable(typeof(Core.Api.ComputeRequest))]
[JsonSerializable(typeof(ComputeName))]
internal sealed partial class ComputeJson : JsonSerializerContext;

/// <summary>What a check or a removal is about.</summary>
internal sealed record ComputeName(string Name);
