using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace Raywright.Server.Store.Migrations.Postgres
{
    /// <inheritdoc />
    public partial class DeclaredApplications : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.AddColumn<bool>(
                name: "Declares",
                table: "computes",
                type: "boolean",
                nullable: false,
                defaultValue: false);

            migrationBuilder.AddColumn<bool>(
                name: "SharesList",
                table: "computes",
                type: "boolean",
                nullable: false,
                defaultValue: false);
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropColumn(
                name: "Declares",
                table: "computes");

            migrationBuilder.DropColumn(
                name: "SharesList",
                table: "computes");
        }
    }
}
