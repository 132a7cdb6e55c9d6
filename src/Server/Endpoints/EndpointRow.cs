using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Raywright.Server.Endpoints;

/// <summary>A model in an environment: what it serves and the settings that change in place.</summary>
internal sealed class EndpointRow
{
    public required string Environment { get; init; }

    public required string Model { get; init; }

    /// <summary>ID of the revision that has the traffic.</summary>
    public required string Serving { get; set; }

    public required int ReplicasMin { get; set; }

    public required int ReplicasMax { get; set; }

    /// <summary>A hint for the app.</summary>
    public string? Task { get; set; }

    /// <summary>The question that was asked before traffic, in the neutral form, JSON: the example that everybody sees.</summary>
    public required string Question { get; set; }

    /// <summary>More questions to begin with, from the cases of what serves; JSON.</summary>
    public string? Examples { get; set; }

    public required long CreatedAt { get; init; }

    public required long UpdatedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<EndpointRow>
    {
        public void Configure(EntityTypeBuilder<EndpointRow> builder)
        {
            builder.ToTable("endpoints");
            builder.HasKey(row => new { row.Environment, row.Model });
        }
    }
}

/// <summary>One version with one rendered configuration at one endpoint. Immutable; it outlives its endpoint.</summary>
internal sealed class RevisionRow
{
    public required string Id { get; init; }

    public required string Environment { get; init; }

    public required string Model { get; init; }

    /// <summary>Counts the revisions of the endpoint.</summary>
    public required int Number { get; init; }

    public required int Version { get; init; }

    public required string Digest { get; init; }

    /// <summary>The rendered configuration, JSON.</summary>
    public required string Config { get; init; }

    public required long CreatedAt { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<RevisionRow>
    {
        public void Configure(EntityTypeBuilder<RevisionRow> builder)
        {
            builder.ToTable("revisions");
            builder.HasKey(row => row.Id);
            builder.HasIndex(row => new { row.Environment, row.Model, row.Number });
        }
    }
}
