using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Metadata.Builders;

namespace Raywright.Server.Models;

internal sealed class ModelRow
{
    public required string Name { get; init; }

    public string? Task { get; set; }

    /// <summary>Numbers are never used again, not even after the model was deleted.</summary>
    public int LatestVersion { get; set; }

    public required long CreatedAt { get; set; }

    public long? DeletedAt { get; set; }

    internal sealed class Configuration : IEntityTypeConfiguration<ModelRow>
    {
        public void Configure(EntityTypeBuilder<ModelRow> builder)
        {
            builder.ToTable("models");
            builder.HasKey(row => row.Name);
        }
    }
}

/// <summary>One immutable artifact with its contract and what runs it.</summary>
internal sealed class VersionRow
{
    public required string Model { get; init; }

    public required int Number { get; init; }

    /// <summary>Of files, contract and runtime together: the same again is no new version.</summary>
    public required string Identity { get; init; }

    /// <summary>Of its files.</summary>
    public required string Digest { get; init; }

    public required string Runtime { get; init; }

    /// <summary>The file to load.</summary>
    public required string Artifact { get; init; }

    public required long SizeBytes { get; init; }

    /// <summary>JSON.</summary>
    public required string Contract { get; init; }

    /// <summary>JSON.</summary>
    public required string Files { get; init; }

    public required long CreatedAt { get; init; }

    public required string CreatedBy { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<VersionRow>
    {
        public void Configure(EntityTypeBuilder<VersionRow> builder)
        {
            builder.ToTable("versions");
            builder.HasKey(row => new { row.Model, row.Number });
            builder.HasIndex(row => new { row.Model, row.Identity }).IsUnique();
        }
    }
}

/// <summary>What a test said. It is about a version under its tests, resources and batching, whether or not the version has a number yet.</summary>
internal sealed class EvidenceRow
{
    public long Id { get; set; }

    public required string Model { get; init; }

    public required string VersionIdentity { get; init; }

    /// <summary>Of the version, its tests, resources and batching.</summary>
    public required string Identity { get; init; }

    public required string Kind { get; init; }

    public required bool Passed { get; init; }

    public required string Summary { get; init; }

    public required int Executed { get; init; }

    public required int Failed { get; init; }

    /// <summary>JSON.</summary>
    public required string Figures { get; init; }

    public required long At { get; init; }

    public required string By { get; init; }

    internal sealed class Configuration : IEntityTypeConfiguration<EvidenceRow>
    {
        public void Configure(EntityTypeBuilder<EvidenceRow> builder)
        {
            builder.ToTable("evidence");
            builder.HasKey(row => row.Id);
            builder.Property(row => row.Id).ValueGeneratedOnAdd();
            builder.HasIndex(row => new { row.Model, row.VersionIdentity });
            builder.HasIndex(row => row.Identity);
        }
    }
}
